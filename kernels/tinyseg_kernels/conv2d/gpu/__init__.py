"""What the rungs `cupy_gpu.py` and `numba_gpu.py` launch.

implicit_gemm.py   in CUDA C++, the products as they stand in the formula: naive to register tiles
winograd.py        in CUDA C++, Winograd's F(4x4, 3x3)
numba_direct.py    in Numba, one thread per output
numba_tiles.py     in Numba, implicit matrix products by tiles
geometry.py        the numbers that describe a convolution, in the order of geometry.cuh
"""
