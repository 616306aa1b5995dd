#!/usr/bin/env bash
# dask 2026.8.0: boundary="reflect" of map_overlap and overlap repeats the edge's own value, which NumPy calls "symmetric";
# NumPy's "reflect" does not repeat it. (SciPy's "reflect" is dask's, and SciPy's "mirror" is NumPy's "reflect".) And the
# function given to map_overlap is called while the graph is built, with arrays of 0 and of 1 pixel, before there is data.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check dask[array]==2026.8.0 numpy==2.4.6
cd "$folder"
"$folder/venv/bin/python" - <<'PYTHON'
import dask.array as da
import numpy as np

row = np.arange(4)
by_dask = da.overlap.overlap(da.from_array(row, chunks=4), depth={0: 2}, boundary={0: "reflect"}).compute()
print("dask reflect:   ", *by_dask)
print("NumPy reflect:  ", *np.pad(row, 2, mode="reflect"))
print("NumPy symmetric:", *np.pad(row, 2, mode="symmetric"))
assert by_dask.tolist() == np.pad(row, 2, mode="symmetric").tolist() != np.pad(row, 2, mode="reflect").tolist()

calls = []


def smooth(block):
    calls.append(block.shape)
    return block


da.overlap.map_overlap(smooth, da.zeros((4, 4), chunks=2), depth=1, boundary="reflect")
print("calls before anything was computed:", calls)
assert calls == [(0, 0), (1, 1)]
PYTHON
