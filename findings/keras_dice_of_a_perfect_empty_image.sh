#!/usr/bin/env bash
# Keras 3.15.1: the Dice loss of an empty mask that is predicted perfectly is 1.0, the worst there is; one stray
# probability changes nothing, and an all-wrong prediction costs the same.
#
# The smoothing constant stands in the denominator only: (2 * 0) / (0 + 0 + 1e-7) = 0. Tversky does the same.
#
#     empty mask, nothing predicted: 1.0000       empty mask, everything predicted: 1.0000
#     one pixel, predicted right:    0.0000
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check keras==3.15.1 jax==0.10.2 jaxlib==0.10.2 numpy==2.4.6
cd "$folder"
KERAS_BACKEND=jax "$folder/venv/bin/python" - <<'PYTHON'
import keras
import numpy as np

nothing, everything = np.zeros((1, 4, 4, 1), np.float32), np.ones((1, 4, 4, 1), np.float32)
pixel = nothing.copy()
pixel[0, 1, 2] = 1
dice = keras.losses.Dice()
perfect, wrong, right = (float(dice(*pair)) for pair in ((nothing, nothing), (nothing, everything), (pixel, pixel)))
print(f"empty mask, nothing predicted: {perfect:.4f}       empty mask, everything predicted: {wrong:.4f}")
print(f"one pixel, predicted right:    {right:.4f}")
assert perfect == wrong == 1.0
assert abs(right) < 1e-5
assert float(keras.losses.Tversky()(nothing, nothing)) == 1.0
PYTHON
