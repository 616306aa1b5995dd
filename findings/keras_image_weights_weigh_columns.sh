#!/usr/bin/env bash
# Keras 3.15.1: one sample weight per image weighs the columns of all images, when there are as many images as columns.
#
# A loss has one value per pixel, (N, H, W); weights (N,) are broadcast against the last axis, W. With N = W = 3 and
# only image 0 wrong, weights (1, 0, 0) should give 1/3 (the mean over pixels of weight times error); they give 1/9, the
# loss of column 0. With N = 3 and W = 4 the same call is an error.
#
#     3 images of 3x3, error in image 0 only, weights (1, 0, 0): 0.1111 where 0.3333 is right
#     3 images of 3x4: ValueError
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check keras==3.15.1 jax==0.10.2 jaxlib==0.10.2 numpy==2.4.6
cd "$folder"
KERAS_BACKEND=jax "$folder/venv/bin/python" - <<'PYTHON'
import keras
import numpy as np


def loss(width):
    truth = np.zeros((3, 3, width, 1), np.float32)
    prediction = truth.copy()
    prediction[0] = 1
    weights = np.array([1.0, 0.0, 0.0], np.float32)
    return float(keras.losses.MeanSquaredError()(truth, prediction, sample_weight=weights))


square = loss(3)
print(f"3 images of 3x3, error in image 0 only, weights (1, 0, 0): {square:.4f} where {1 / 3:.4f} is right")
assert abs(square - 1 / 9) < 1e-6
try:
    loss(4)
except ValueError:
    print("3 images of 3x4: ValueError")
else:
    raise SystemExit("3 images of 3x4 were accepted")
PYTHON
