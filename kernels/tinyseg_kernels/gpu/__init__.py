"""What the GPU rungs stand on: the compilers and launchers of CUDA C++ and Numba kernels.

    availability.py   whether this machine can run a GPU backend, or why not
    cuda.py           compiles and launches the .cu files, through CuPy or the emulator
    numba_cuda.py     compiles and launches Numba kernels, through Numba or its simulator
    emulation.py      what executes the same kernels on the CPU registers itself here
    common.cuh        what all .cu files share

Nothing here is imported before a GPU backend is chosen.
"""
