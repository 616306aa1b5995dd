"""What the compiled CPU rungs (`numba_cpu.py`) stand on.

    threads.py        one team of threads for all kernels; how many there are
    compiled.py       compiles kernels with Numba, says so while it does, and keeps them for the next process
    buffers.py        memory for results, used again from step to step
    micro_kernel.py   the innermost loop of every matrix product, in the machine's widest vectors

Nothing here is imported before the 'numba' backend computes something.
"""
