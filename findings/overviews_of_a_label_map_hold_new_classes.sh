#!/usr/bin/env bash
# rasterio 1.4.4 (GDAL in its wheel): a label map with the classes 0, 5, 9 and 10, written with driver="COG" and nothing
# else, gets overviews that were interpolated. Read at half size it has all classes from 0 to 11, among them two above
# every class that was written. The full-size pixels are right, and so is the half-size of a plain GeoTIFF.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check rasterio==1.4.4 numpy==2.4.6
cd "$folder"
"$folder/venv/bin/python" - <<'PYTHON'
import numpy as np
from rasterio.io import MemoryFile

classes = np.random.default_rng(0).choice([0, 5, 9, 10], size=(150, 150))
labels = np.kron(classes, np.ones((7, 7))).astype(np.uint8)
half = (labels.shape[0] // 2, labels.shape[1] // 2)
found = {}
for driver in ("GTiff", "COG"):
    with MemoryFile() as file:
        with file.open(driver=driver, height=1050, width=1050, count=1, dtype="uint8") as target:
            target.write(labels, 1)
        with file.open() as source:
            assert (source.read(1) == labels).all()
            found[driver] = np.unique(source.read(1, out_shape=half)).tolist()
    print(f"{driver:5} at half size: classes {found[driver]}")
assert found["GTiff"] == [0, 5, 9, 10]
assert found["COG"] == list(range(12))
PYTHON
