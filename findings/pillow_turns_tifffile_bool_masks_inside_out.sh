#!/usr/bin/env bash
# tifffile 2026.3.3 and Pillow 13.0.0: a mask of bool, written by one and read by the other, comes back inside out.
#
# tifffile stores bool arrays with the photometric interpretation MinIsWhite, and gives back what was stored. Pillow
# takes the interpretation at its word: False is white, that is True. The file, its mode ('1') and its size look right.
#
#     foreground pixels: written 4, read by tifffile 4, read by Pillow 20
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check tifffile==2026.3.3 pillow==13.0.0 numpy==2.4.6
cd "$folder"
"$folder/venv/bin/python" - <<'PYTHON'
import numpy as np
import tifffile
from PIL import Image

mask = np.zeros((4, 6), bool)
mask[1:3, 2:4] = True
tifffile.imwrite("mask.tif", mask)
by_tifffile, by_pillow = tifffile.imread("mask.tif"), np.array(Image.open("mask.tif"))
counts = [int(array.sum()) for array in (mask, by_tifffile, by_pillow)]
print("foreground pixels: written {}, read by tifffile {}, read by Pillow {}".format(*counts))
assert (by_tifffile == mask).all()
assert (by_pillow == ~mask).all()
PYTHON
