"""The device as a host program sees it.

    hostcupy.py        NumPy memory behind CuPy's rules, so that a backend's host code runs unchanged
    device_memory.py   how much of it there is, and what crosses to and from the host
    streams.py         streams and events, each as late as CUDA allows
    guarded.py         memory between guard pages: an access beyond its end is noticed

Nothing here runs a kernel.
"""
