#!/usr/bin/env bash
# Numba 0.68.1: for x = uint32(1), -x is 4294967295 and 0 - x is -1. Arithmetic of unlike integers is widened to 64 bits
# first; the sign is turned in x's own bits first and widened after it, and the result's type is uint64 all the same.
# And uint64 + int64 is an int64, where NumPy makes a float64: 2**63 + 1 becomes negative instead of inexact.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check numba==0.68.1 numpy==2.4.6
cd "$folder"
"$folder/venv/bin/python" - <<'PYTHON'
import numba
import numpy as np


@numba.njit
def minus(x):
    return -x


@numba.njit
def zero_minus(x):
    return 0 - x


@numba.njit
def plus(a, b):
    return a + b


for x in (np.uint8(1), np.uint32(1)):
    negative = minus(x)
    kind = minus.overloads[minus.signatures[-1]].signature.return_type
    print(f"{x.dtype}: -x is {negative} ({kind}), 0 - x is {zero_minus(x)}")
    assert minus(x) == 2 ** (8 * x.itemsize) - 1
    assert zero_minus(x) == -1
big, one = np.uint64(2**63), np.int64(1)
print(f"uint64(2**63) + int64(1): {plus(big, one)}; NumPy: {big + one!r}")
assert plus(big, one) == -(2**63) + 1
assert (big + one).dtype == np.float64
PYTHON
