"""Matrix products.

    gemm.py              c = a @ b, with a or b transposed: which of the ways below
    micro_kernel.py      the innermost loop: a tile of the result in registers
    blocked_product.py   large products, in blocks that stay in the caches (Goto and van de Geijn, 2008)
    shallow_product.py   many rows with few terms, such as 1x1 convolutions
    windows_kernel.py    the micro-kernel for windows of an image, whose rows are not neighbours in memory
    rows_kernel.py       the micro-kernel for dkernel: a tile of the result over several rows of an image
    packing.py           matrices in the order in which the micro-kernel reads them
    epilogue.py          bias and ReLU, while a result is still in the cache

Convolutions call the same tiles without a matrix of windows: `conv2d/cpu/`.
"""
