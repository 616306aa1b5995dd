#!/usr/bin/env bash
# dask-image 2026.5.0: a filter with mode="wrap" of an image in several chunks is not SciPy's filter of the image: pixels
# at the image's border differ, those of other modes do not. An image in one chunk is right, so a test on a small image
# does not see it.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check dask-image==2026.5.0 dask[array]==2026.8.0 scipy==1.17.1 numpy==2.4.6
cd "$folder"
"$folder/venv/bin/python" - <<'PYTHON'
import dask.array as da
import numpy as np
from dask_image.ndfilters import uniform_filter
from scipy import ndimage

image = np.random.default_rng(0).random((12, 12))
wrong = {}
for mode in ("reflect", "mirror", "nearest", "constant", "wrap"):
    by_scipy = ndimage.uniform_filter(image, 3, mode=mode)
    for chunks in (12, 6):
        by_dask = uniform_filter(da.from_array(image, chunks=chunks), size=3, mode=mode).compute()
        wrong[mode, chunks] = int((np.abs(by_dask - by_scipy) > 1e-9).sum())
    print(f"{mode:9} pixels that differ: {wrong[mode, 12]} in one chunk, {wrong[mode, 6]} in four")
assert wrong.pop(("wrap", 6)) == 44
assert not any(wrong.values())
PYTHON
