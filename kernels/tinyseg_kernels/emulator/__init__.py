"""GPU kernels executed on the CPU: for machines without a GPU, and to find the mistakes that a GPU hides.

    hostcupy.py    NumPy memory behind CuPy's rules, so that a backend's host code runs unchanged
    memory.py      memory between guard pages: an access beyond its end is noticed
    build.py       compiles .cu files for the CPU; cuda_module.py launches them
    simulator.py   runs Numba kernels

What it finds and what it cannot: docs/emulator.md.
"""
