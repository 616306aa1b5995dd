"""What the GPU rungs stand on: arrays on the device, and the compilers and launchers of CUDA C++ and Numba kernels.

    availability.py   whether this machine can run a GPU backend, or why not
    arrays.py         arrays on the device, a real or an emulated one
    cuda.py           compiles and launches the .cu files, through CuPy or the emulator
    numba_cuda.py     compiles and launches Numba kernels, through Numba or its simulator
    common.cuh        what all .cu files share

Nothing here is imported before a GPU backend is chosen.
"""
