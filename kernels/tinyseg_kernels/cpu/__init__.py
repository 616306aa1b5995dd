"""What the compiled CPU rungs (`numba_cpu.py`) stand on.

    compiled.py   compiles kernels with Numba, says so while it does, and keeps them for the next process
    pieces.py     vectors and tiles of one size, the last of which overlaps the one before
    sizes.py      every tuned size, one table for each architecture
    threading/    who computes when: one team of threads for all kernels, cores, signals, other processes
    memory/       memory for results, used again from step to step; stores past the cache, prefetches
    vectors/      numbers in vector registers: arithmetic, lanes, exp and log, sums, argmax
    gemm/         matrix products, all made of one micro-kernel's tiles

Nothing here is imported before the 'numba' backend computes something, but for the number of threads, which can be set
at once.
"""
