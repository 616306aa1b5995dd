#!/usr/bin/env bash
# Keras 3.15.1: a model with the loss Huber(delta=10.0), saved and loaded, goes on training with delta 1.0, without a
# word: get_config of Huber leaves delta out.
#
#     before saving: 12.5       after loading: 4.5
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check keras==3.15.1 jax==0.10.2 jaxlib==0.10.2 numpy==2.4.6
cd "$folder"
KERAS_BACKEND=jax "$folder/venv/bin/python" - <<'PYTHON'
import keras
import numpy as np

model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1, kernel_initializer="zeros")])
model.compile("sgd", keras.losses.Huber(delta=10.0))
x, y = np.ones((4, 1), np.float32), np.full((4, 1), 5.0, np.float32)
before = model.evaluate(x, y, verbose=0)
model.save("model.keras")
after = keras.models.load_model("model.keras").evaluate(x, y, verbose=0)
print(f"before saving: {before:.1f}       after loading: {after:.1f}")
assert "delta" not in keras.losses.Huber(delta=10.0).get_config()
assert (before, after) == (12.5, 4.5)
PYTHON
