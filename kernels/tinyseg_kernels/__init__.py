"""The arithmetic of tinyseg: one folder per operation, and in it one file per way to compute it.

An operation is a pair of pure functions, `forward(inputs..., *, options) -> (y, cache)` and `backward(dy, cache) -> gradients`: arrays in,
arrays out. No input is ever changed and nothing is remembered between calls. The files of a folder are its *rungs*:

    naive.py       loops in float64 or float32: the specification, written to be read beside the formula
    numpy_cpu.py   vectorised NumPy
    numba_cpu.py   compiled for the CPU by Numba, in parallel: the default without a GPU

The functions that a folder exports check their arguments, then call the rung that the current backend asks for (see `backend`).
"""
