"""Numba kernels on the CPU.

    simulate.py         the simulator that stands in for numba.cuda
    typed/              kernels rewritten so that they compute with Numba's types
    kernel_cuda.py      `cuda` as kernels see it
    host_cuda.py        `cuda` as the host sees it; host_arrays.py, host_runtime.py, host_functions.py, host_random.py
    numba_modules.py    the module `numba.cuda` of a script
    binding.py          a kernel's function, bound to the simulator's `cuda`
    block.py, grid.py   the threads of one block, and blocks that are alive at once
    warp.py, barriers.py, atomics.py    what threads do together
    memory.py, arrays.py, structures.py shared, local and global arrays
    math_functions.py, half.py          functions of `math`, `libdevice` and `fp16`
    recorder.py, races.py, traffic.py   who touches what, and what it means
    places.py           from code to source lines
    limits.py           ends what runs too long
    check.py            all kernels of a file, launched as their comments say
    script.py, script_child.py          a script as it stands, in a process of its own
    ptx.py, ptx_child.py                a kernel's PTX, by Numba's real target in a process of its own

Nothing here imports Numba before a kernel is launched.
"""
