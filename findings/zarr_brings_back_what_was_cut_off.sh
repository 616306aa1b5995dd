#!/usr/bin/env bash
# zarr 3.1.6: an array that is made shorter and then longer again shows, beyond its old end, the numbers that were cut
# off, as far as they lie in the last chunk that was kept; from the next chunk on there is the fill value. The documented
# fill value can not be relied on after a resize.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check zarr==3.1.6 numpy==2.4.6
cd "$folder"
"$folder/venv/bin/python" - <<'PYTHON'
import numpy as np
import zarr

array = zarr.create_array(store={}, shape=(12,), chunks=(4,), dtype="int32", fill_value=-1)
array[:] = np.arange(12)
array.resize((5,))
array.resize((12,))
print("0 to 11, cut to 5 numbers, made 12 long again:", *array[:])
assert array[:].tolist() == [0, 1, 2, 3, 4, 5, 6, 7, -1, -1, -1, -1]
PYTHON
