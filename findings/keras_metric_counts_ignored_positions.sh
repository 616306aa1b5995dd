#!/usr/bin/env bash
# Keras 3.15.1: SparseCategoricalCrossentropy(ignore_class=...) is a loss and a metric, and the two do not agree. The loss
# leaves ignored positions out of the mean; the metric counts each as a 0, so it falls with the share of what is void.
#
#     loss 0.6931       metric 0.2310       two of three positions are ignored, the third costs log 2 = 0.6931
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check keras==3.15.1 jax==0.10.2 jaxlib==0.10.2 numpy==2.4.6
cd "$folder"
KERAS_BACKEND=jax "$folder/venv/bin/python" - <<'PYTHON'
import keras
import numpy as np

labels = np.array([0, 255, 255])
p = np.array([[0.5, 0.5], [0.3, 0.7], [0.3, 0.7]], np.float32)
loss = float(keras.losses.SparseCategoricalCrossentropy(ignore_class=255)(labels, p))
metric = keras.metrics.SparseCategoricalCrossentropy(ignore_class=255)
metric.update_state(labels, p)
value = float(metric.result())
print(f"loss {loss:.4f}       metric {value:.4f}       two of three positions are ignored, the third costs log 2 = 0.6931")
assert abs(loss - np.log(2)) < 1e-5
assert abs(value - np.log(2) / 3) < 1e-5
PYTHON
