#!/usr/bin/env bash
# Pillow 13.0.0: a colour TIFF of 16 bits, whose planes are stored one after the other and not compressed, is read byte
# by byte: two pixels for each one, and half of each plane.
#
# The same picture stored pixel by pixel loses its lower 8 bits (10000 becomes 39), as documented. Stored in planes, the
# lower bytes appear as pixels of their own: a flat picture of 10000 gets stripes of 16 and 39 (10000 = 39 * 256 + 16).
#
#     pixel by pixel: mode RGB, values [39]
#     in planes:      mode RGB, values [16, 39]
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

flat = np.full((4, 5, 3), 10000, np.uint16)
tifffile.imwrite("pixels.tif", flat, photometric="rgb", planarconfig="contig")
tifffile.imwrite("planes.tif", np.moveaxis(flat, -1, 0), photometric="rgb", planarconfig="separate")
found = {}
for name in ("pixels", "planes"):
    image = Image.open(f"{name}.tif")
    found[name] = np.unique(np.array(image)).tolist()
    print(f"{'pixel by pixel:' if name == 'pixels' else 'in planes:     '} mode {image.mode}, values {found[name]}")
assert found == {"pixels": [39], "planes": [16, 39]}
assert (tifffile.imread("planes.tif") == 10000).all()
PYTHON
