#!/usr/bin/env bash
# Pillow 13.0.0: a grey TIFF whose photometric interpretation is MinIsWhite is inverted if it has 8 bits, and is not if
# it has 16.
#
# Two copies of one scan, one of each depth, come out as negatives of each other.
#
#     8 bits:  stored [0, 10, 200, 255] read [255, 245, 55, 0]
#     16 bits: stored [0, 1000, 20000, 25500] read [0, 1000, 20000, 25500]
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

shallow = np.array([[0, 10, 200, 255]], np.uint8)
deep = shallow.astype(np.uint16) * 100
read = []
for name, array in (("8 bits: ", shallow), ("16 bits:", deep)):
    tifffile.imwrite("scan.tif", array, photometric="miniswhite")
    read.append(np.array(Image.open("scan.tif")))
    print(name, "stored", array[0].tolist(), "read", read[-1][0].tolist())
assert (read[0] == 255 - shallow).all()
assert (read[1] == deep).all()
PYTHON
