"""Exercises whose answer is a GPU kernel: judged on the CPU, by the emulator.

    cuda_rules.py       what a learner's CUDA C++ may hold
    numba_rules.py      what a learner's file of Numba kernels may hold
    worker.py           the process that runs kernels: it imports the emulator, and nothing of tinyseg
    process.py          that process, seen from outside: started, asked, killed
    operation.py        what a kernel is to compute: launches, right results, mistakes
    threads.py          the indices of all threads of a launch, for results of wrong kernels
    findings.py         from what the emulator found (races, bounds, barriers, traffic) to a cause
    judging.py          the check of one answer

The kernel and the right results never meet: the worker is sent inputs and sends outputs back.
"""
