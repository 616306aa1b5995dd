#!/usr/bin/env bash
# nibabel 5.4.2: labels 0 to 4 held as floats, with uint8 asked for on disk, are stored as 0, 64, 128, 191, 255 with a
# slope, and come back as 1.9921..., which a cast to integers makes 1: class 2 is gone, class 1 has grown. As integers
# they are stored as they are. set_data_dtype says how bytes are written, and not that the numbers are kept.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check nibabel==5.4.2 numpy==2.4.6
cd "$folder"
"$folder/venv/bin/python" - <<'PYTHON'
import nibabel
import numpy as np

labels = np.arange(5.0).reshape(5, 1, 1)
back = {}
for dtype in (np.float64, np.uint8):
    image = nibabel.Nifti1Image(labels.astype(dtype), np.eye(4))
    image.set_data_dtype(np.uint8)
    read = nibabel.Nifti1Image.from_bytes(image.to_bytes())
    back[dtype] = read.get_fdata().astype(np.uint8).ravel().tolist()
    print(f"from {np.dtype(dtype).name:8} slope {read.dataobj.slope:.5f}: {back[dtype]}")
assert back[np.float64] == [0, 1, 1, 2, 4]
assert back[np.uint8] == [0, 1, 2, 3, 4]
PYTHON
