#!/usr/bin/env bash
# pycocotools 2.0.11: encode() of a uint8 mask starts a new run at every change of value, and runs alternate between
# background and object. A mask of 0 and 255 is fine; with two different values side by side (a label map, an
# anti-aliased border) the second one is background, and what follows is turned inside out, without a word.
#
#     mask      0 1 2 3 3 0 0 1
#     decoded   0 1 0 1 1 0 0 1      area 4, and not 5
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check pycocotools==2.0.11 numpy==2.4.6
cd "$folder"
"$folder/venv/bin/python" - <<'PYTHON'
import numpy as np
from pycocotools import mask

labels = np.array([[0, 1, 2, 3, 3, 0, 0, 1]], np.uint8)
encoded = mask.encode(np.asfortranarray(labels))
decoded = mask.decode(encoded)
print("mask     ", *labels[0])
print("decoded  ", *decoded[0], "    area", int(mask.area(encoded)), "and not", int((labels > 0).sum()))
assert decoded.tolist() == [[0, 1, 0, 1, 1, 0, 0, 1]]
full = np.asfortranarray((labels > 0).astype(np.uint8) * 255)
assert mask.decode(mask.encode(full)).tolist() == (labels > 0).astype(int).tolist()
PYTHON
