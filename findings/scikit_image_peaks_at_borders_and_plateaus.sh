#!/usr/bin/env bash
# scikit-image 0.26.0: peak_local_max finds 16 peaks on one flat top of 4x4 pixels, and none at all for a peak that is
# nearer to the border than min_distance, however high it is. Both happen to the distance transform of cells, so the usual
# recipe of markers for a watershed splits one cell in many and loses those at the border of an image or a tile.
# (With exclude_border=False and one marker for each connected plateau both are found once.)
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check scikit-image==0.26.0 numpy==2.4.6
cd "$folder"
"$folder/venv/bin/python" - <<'PYTHON'
import numpy as np
from skimage.feature import peak_local_max

flat = np.zeros((12, 12))
flat[4:8, 4:8] = 1
print("peaks of one flat top of 4x4 pixels:", len(peak_local_max(flat, min_distance=1)))
assert len(peak_local_max(flat, min_distance=1)) == 16
two = np.zeros((20, 20))
two[10, 3] = 5.0
two[10, 10] = 1.0
found = peak_local_max(two, min_distance=5)
print("of peaks at columns 3 (height 5) and 10 (height 1):", found.tolist())
assert found.tolist() == [[10, 10]]
assert [10, 3] in peak_local_max(two, min_distance=5, exclude_border=False).tolist()
PYTHON
