#!/usr/bin/env bash
# The distance to the nearest background pixel, in an image that has none. SciPy 1.17.1 measures to a point one row above
# the image's first pixel, so that the answer depends on where one is; OpenCV 5.0.0 answers 1.8446743e+19 everywhere, the
# root of the largest float32. Neither raises or warns. A mask whose object fills the crop is enough to meet it.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check scipy==1.17.1 opencv-python-headless==5.0.0.93 numpy==2.4.6
cd "$folder"
"$folder/venv/bin/python" - <<'PYTHON'
import cv2
import numpy as np
from scipy import ndimage

full = np.ones((2, 3), np.uint8)
by_scipy = ndimage.distance_transform_edt(full)
by_opencv = cv2.distanceTransform(full, cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
rows, columns = np.indices(full.shape)
print("SciPy: ", by_scipy.round(3).tolist())
print("OpenCV:", by_opencv.tolist())
assert np.allclose(by_scipy, np.hypot(rows + 1, columns))
assert (by_opencv == np.sqrt(np.finfo(np.float32).max)).all()
PYTHON
