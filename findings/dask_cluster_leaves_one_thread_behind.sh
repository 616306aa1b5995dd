#!/usr/bin/env bash
# distributed 2026.8.0: LocalCluster(processes=True) sets OMP_NUM_THREADS=1 (and those of MKL and OpenBLAS) in the
# environment of the process that asks for the cluster, and leaves them there when it is closed. What that process imports
# or starts afterwards computes with one thread: a training after a prediction on Dask is slower for no visible reason.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check dask[distributed]==2026.8.0 numpy==2.4.6
cd "$folder"
"$folder/venv/bin/python" - <<'PYTHON'
import os
import pathlib

pathlib.Path("main.py").write_text("""
import os
from dask.distributed import Client, LocalCluster
NAMES = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")
if __name__ == "__main__":
    print("before:", *(os.environ.get(name) for name in NAMES))
    with LocalCluster(n_workers=1, processes=True, dashboard_address=None) as cluster, Client(cluster) as client:
        assert client.submit(sum, [1, 2]).result() == 3
    print("after: ", *(os.environ.get(name) for name in NAMES))
    assert all(os.environ.get(name) == "1" for name in NAMES)
""")
import subprocess
import sys

clean = {name: text for name, text in os.environ.items() if not name.endswith("_NUM_THREADS")}
subprocess.run([sys.executable, "main.py"], check=True, env=clean)
PYTHON
