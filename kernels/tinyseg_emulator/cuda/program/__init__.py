"""Whole CUDA programs: host and device code of a file with `main`, run on the CPU under every check.

launches.py     rewrites k<<<grid, block>>>(a, b) as calls of the runtime
build.py        compiles a program, and the runtime of its host side
runtime/        that runtime in C++: memory, copies, streams and events as orders, errors, faults
native.py       its structures and functions for ctypes
memory.py       which allocation an address belongs to
running.py      runs main() in this process; what is found goes out as lines of JSON
telling.py      those lines as findings, in words

A process for the program, and its limits, are in `tinyseg.programs`.
"""
