#!/usr/bin/env bash
# Keras 3.15.1: Tversky's alpha weighs what was missed, beta what was invented; the docstring says the opposite.
#
# "alpha: The coefficient controlling incidence of false positives." With alpha=1, beta=0, three false positives cost
# nothing and three false negatives cost 0.75. Who raises alpha against false alarms gets more of them.
#
#     alpha=1 beta=0: 3 false positives cost 0.00, 3 false negatives cost 0.75
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check keras==3.15.1 jax==0.10.2 jaxlib==0.10.2 numpy==2.4.6
cd "$folder"
KERAS_BACKEND=jax "$folder/venv/bin/python" - <<'PYTHON'
import keras
import numpy as np

loss = keras.losses.Tversky(alpha=1.0, beta=0.0)
one, all_four = np.array([[1, 0, 0, 0]], np.float32), np.ones((1, 4), np.float32)
invented, missed = float(loss(one, all_four)), float(loss(all_four, one))
print(f"alpha=1 beta=0: 3 false positives cost {invented:.2f}, 3 false negatives cost {missed:.2f}")
assert "incidence of false positives" in " ".join(keras.losses.Tversky.__doc__.split("beta:")[0].split())
assert invented < 1e-5
assert abs(missed - 0.75) < 1e-5
PYTHON
