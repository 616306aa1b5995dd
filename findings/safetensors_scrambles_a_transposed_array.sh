#!/usr/bin/env bash
# safetensors 0.8.0, numpy: save() writes the bytes of a transposed (Fortran-ordered) array as they lie in memory, beside
# the shape of the transposed one. What is loaded has the right shape and dtype and other numbers. Saving a dense kernel
# as `kernel.T` for another framework is enough.
#
#     saved   [[0, 3], [1, 4], [2, 5]]
#     loaded  [[0, 1], [2, 3], [4, 5]]
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check safetensors==0.8.0 numpy==2.4.6
cd "$folder"
"$folder/venv/bin/python" - <<'PYTHON'
import numpy as np
from safetensors.numpy import load, save

kernel = np.arange(6, dtype=np.float32).reshape(2, 3).T
loaded = load(save({"kernel": kernel}))["kernel"]
print("saved  ", kernel.tolist())
print("loaded ", loaded.tolist())
assert loaded.shape == kernel.shape
assert loaded.tolist() == [[0, 1], [2, 3], [4, 5]]
PYTHON
