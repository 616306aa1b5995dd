"""A small computation on the GPU, in a process of its own: what no list of versions tells for sure.

python -m tinyseg.doctor.trial cupy          # prints nothing when all is well
"""

from __future__ import annotations

import subprocess
import sys

from .machine import Trial

SECONDS = 120


def trial(backend: str) -> Trial:
    """Run the trial of one backend; one that cannot be run at all has failed, too."""
    command = [sys.executable, "-m", __name__, backend]
    try:
        result = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, check=False)
    except subprocess.TimeoutExpired:
        return Trial(f"no answer within {SECONDS} seconds")
    if result.returncode == 0:
        return Trial()
    last_lines = "\n".join(result.stderr.strip().splitlines()[-5:])
    return Trial(last_lines or f"the process ended with code {result.returncode}")


def compute(backend: str, *, emulate: bool = False) -> None:
    """Compute a dense layer and a relu with a backend and compare with NumPy."""
    import numpy as np
    from tinyseg_kernels.activation import relu_forward
    from tinyseg_kernels.backend import backend as use
    from tinyseg_kernels.dense import dense_forward
    from tinyseg_kernels.device import to_device, to_host

    rng = np.random.default_rng(0)
    arrays = [rng.standard_normal(shape).astype(np.float32) for shape in ((33, 20), (20, 17), (17,))]
    with use("numpy"):
        expected = relu_forward(dense_forward(*arrays)[0])[0]
    with use(backend, emulate=emulate):
        computed = to_host(relu_forward(dense_forward(*map(to_device, arrays))[0])[0])
    np.testing.assert_allclose(computed, expected, rtol=1e-4, atol=1e-4)


if __name__ == "__main__":
    compute(sys.argv[1])
