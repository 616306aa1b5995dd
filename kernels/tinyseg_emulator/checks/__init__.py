"""What the checks of CUDA C++ and of Numba kernels have in common.

    options.py          what is checked, and in which orders the threads run
    launch_lines.py     the comments of a kernel that say how to launch it
    launch_example.py   a launch with the arguments of such a comment
    records.py          what is found: one class for each kind of mistake
    findings.py         findings, collected and counted
    report.py           findings as text
    kernel_error.py     an error inside a kernel, with its line, block and thread

Nothing here runs a kernel.
"""
