#!/usr/bin/env bash
# Keras 3.15.1: MeanIoU cuts sample weights to whole numbers before it counts.
#
# All weights 0.5 should change nothing: IoU is a ratio. With 0.5 every count is 0 and the metric says 0.0 of a
# prediction whose IoU is 0.5833; with 1.9 it counts 1. A warning speaks of "an incorrect weight", once, and goes on.
#
#     weights 1.0: counts [[1, 1], [0, 2]], mean IoU 0.5833
#     weights 0.5: counts [[0, 0], [0, 0]], mean IoU 0.0000
#     weights 1.9: counts [[1, 1], [0, 2]], mean IoU 0.5833
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check keras==3.15.1 jax==0.10.2 jaxlib==0.10.2 numpy==2.4.6
cd "$folder"
KERAS_BACKEND=jax "$folder/venv/bin/python" - <<'PYTHON'
import keras
import numpy as np

truth, prediction = np.array([0, 0, 1, 1]), np.array([0, 1, 1, 1])
seen = {}
for weight in (1.0, 0.5, 1.9):
    metric = keras.metrics.MeanIoU(num_classes=2)
    metric.update_state(truth, prediction, sample_weight=np.full(4, weight))
    counts = np.asarray(metric.total_cm).tolist()
    seen[weight] = (counts, float(metric.result()))
    print(f"weights {weight}: counts {counts}, mean IoU {seen[weight][1]:.4f}")
assert abs(seen[1.0][1] - 7 / 12) < 1e-6
assert seen[0.5] == ([[0, 0], [0, 0]], 0.0)
assert seen[1.9][0] == [[1, 1], [0, 2]]
PYTHON
