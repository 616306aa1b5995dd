"""Numbers in vector registers.

    vectors.py         a vector of float32 numbers: load, store, arithmetic
    intrinsics.py      functions written in LLVM's intermediate language
    lanes.py           operations between the lanes of a vector
    argmax.py          which of two numbers is the larger, lane by lane, and where it stood
    transposition.py   a square of numbers, transposed in registers
    exponential.py, logarithm.py, probabilities.py    exp, log and clipped probabilities
    reductions.py      sums over all axes but the last
    channels.py        rows of pixels whose columns are channels
    rows.py            losses of short rows, a block at a time

All of them work on LANES numbers at once: eight (AVX2) or sixteen (AVX-512), as `gemm/micro_kernel.py` finds.
"""
