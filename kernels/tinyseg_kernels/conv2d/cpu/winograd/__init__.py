"""Winograd's minimal filtering: F(4x4, 3x3) and F(2x2, 5x5).

    convolution.py      the convolution, forward and dkernel, block of tiles by block of tiles
    blocks.py           the walk over blocks of tiles: transforms, and products at each position
    squares.py          the loops of the transforms
    transforms_3x3.py   the transforms of F(4x4, 3x3)
    tiles_5x5.py        transforms and kernels of F(2x2, 5x5)

Source: A. Lavin and S. Gray, "Fast algorithms for convolutional neural networks", arXiv:1509.09308.
"""
