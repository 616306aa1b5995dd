#!/usr/bin/env bash
# The pixels of one triangle with corners at whole pixels (area 31), by five libraries: 30, 31, 34, 39 or 45. OpenCV
# and Pillow draw the outline as well, each in its own way; scikit-image takes centres with a part of the border; rasterio
# shifts by half a pixel, since a pixel's corner has whole coordinates there; pycocotools has a rule of its own.
# So an annotation of a small object changes its size by a half when another tool makes its mask.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check pycocotools==2.0.11 rasterio==1.4.4 scikit-image==0.26.0 opencv-python-headless==5.0.0.93 pillow==13.0.0 numpy==2.4.6
cd "$folder"
"$folder/venv/bin/python" - <<'PYTHON'
import cv2
import numpy as np
from PIL import Image, ImageDraw
from pycocotools import mask
from rasterio.features import rasterize
from skimage.draw import polygon

corners = [(1, 1), (9, 2), (3, 9)]
size = (11, 11)
pixels = {}
image = Image.new("L", size)
ImageDraw.Draw(image).polygon(corners, fill=1)
pixels["Pillow"] = int(np.asarray(image).sum())
flat = [[float(number) for corner in corners for number in corner]]
pixels["pycocotools"] = int(mask.area(mask.merge(mask.frPyObjects(flat, *size))))
canvas = np.zeros(size, np.uint8)
pixels["OpenCV"] = int(cv2.fillPoly(canvas, [np.array(corners, np.int32)], 1).sum())
shape = {"type": "Polygon", "coordinates": [[*corners, corners[0]]]}
pixels["rasterio"] = int(rasterize([(shape, 1)], out_shape=size).sum())
pixels["scikit-image"] = len(polygon([y for _, y in corners], [x for x, _ in corners], size)[0])
for name, count in sorted(pixels.items(), key=lambda pair: pair[1]):
    print(f"{name:13} {count}")
assert pixels == {"pycocotools": 30, "rasterio": 31, "scikit-image": 34, "Pillow": 39, "OpenCV": 45}
PYTHON
