"""GPU kernels executed on the CPU: for machines without a GPU, and to find the mistakes that a GPU hides.

    cuda/        CUDA C++: translated, compiled for the CPU, launched, and checked while it runs
    simulator/   Numba kernels: executed thread by thread, and their PTX
    checks/      what is found (races, accesses out of bounds, bank conflicts ...), and how it is told
    host/        what a host program needs: NumPy memory behind CuPy's rules, streams, memory between guard pages
    machine.py   the emulator as `tinyseg_kernels` sees it

Imports run one way: this package uses `tinyseg_kernels`, which asks for an emulator by `gpu/emulation.py` and imports
none. What it finds and what it cannot: docs/emulator.md.
"""
