"""GPU kernels executed on the CPU: for machines without a GPU, and to find the mistakes that a GPU hides.

    hostcupy.py     NumPy memory behind CuPy's rules, so that a backend's host code runs unchanged
    host_memory.py  how much of it there is, and what crosses to and from the host
    memory.py       memory between guard pages: an access beyond its end is noticed
    build.py        compiles .cu files for the CPU; cuda_module.py launches them
    simulator.py    runs Numba kernels

What it finds and what it cannot: docs/emulator.md.
"""
