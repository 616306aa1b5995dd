"""The ways in which `numba_cpu.py` computes a convolution.

    algorithm.py         chooses one of them, from the geometry alone: for y, dkernel and dx
    direct.py            tiles of windows times the kernel, read where they lie: any geometry
    im2col.py            a matrix of windows: few pixels with many channels
    winograd/            3x3 and 5x5 with fewer multiplications
    dilated.py           dilated convolutions: pixels d apart as images of their own
    non_overlapping.py   dx of windows that do not overlap (stride = window)
    few_channels.py      dx with strides of images with few channels
    flipped_kernel.py    dx with stride 1: a convolution of dy with the flipped kernel
    phases.py            dx with strides: such a convolution for each phase of the pixels

Each way's measurements stand in its file, beside its `suits`.
"""
