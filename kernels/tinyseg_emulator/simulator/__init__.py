"""Numba kernels on the CPU.

    simulate.py         the simulator that stands in for numba.cuda
    kernel_cuda.py      `cuda` as kernels see it
    host_cuda.py        `cuda` as the host sees it
    binding.py          a kernel's function, bound to the simulator's `cuda`
    block.py            the threads of one block
    warp.py, barriers.py, atomics.py    what threads do together
    memory.py, arrays.py                shared, local and global arrays
    math_functions.py   functions of `math` and `libdevice`
    recorder.py, races.py, traffic.py   who touches what, and what it means
    places.py           from code to source lines
    check.py            all kernels of a file, launched as their comments say
    ptx.py, ptx_child.py                a kernel's PTX, by Numba's real target in a process of its own

Nothing here imports Numba but `check.py` and `ptx_child.py`.
"""
