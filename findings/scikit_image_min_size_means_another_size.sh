#!/usr/bin/env bash
# scikit-image 0.26.0: remove_small_objects(mask, min_size=4) removes an object of exactly 4 pixels; 0.25.2 keeps it. The
# new name is max_size, "smaller or equal"; the old name still works, with a warning that it is old, and took over the new
# meaning. So a pipeline that pins nothing loses the objects of exactly the limit's size.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check numpy==2.4.6
cd "$folder"
"$folder/venv/bin/python" - <<'PYTHON'
import subprocess
import sys

PROGRAM = """
import warnings
import numpy as np
import skimage
from skimage.morphology import remove_small_objects
warnings.simplefilter("ignore")
mask = np.zeros((3, 6), bool)
mask[1, 1:5] = True
print(skimage.__version__, int(remove_small_objects(mask, min_size=4).sum()))
"""
answers = {}
for version in ("0.25.2", "0.26.0"):
    install = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*install, f"scikit-image=={version}"], check=True)
    done = subprocess.run([sys.executable, "-c", PROGRAM], check=True, capture_output=True, text=True)
    name, count = done.stdout.split()
    answers[name] = int(count)
    print(f"scikit-image {name}: {count} of 4 pixels are left")
assert answers == {"0.25.2": 4, "0.26.0": 0}
PYTHON
