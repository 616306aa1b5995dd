"""The arithmetic of tinyseg: one folder per operation, and in it one file per way to compute it.

An operation is a pair of functions, `forward(inputs..., *, options) -> (y, cache)` and `backward(dy, cache) ->
gradients`: arrays in, arrays out. No result depends on an earlier call. The files of a folder are its *rungs*, five for
each operation:

    naive.py       loops in float64 or float32: the specification, written to be read beside the formula
    numpy_cpu.py   vectorised NumPy
    numba_cpu.py   compiled for the CPU by Numba, in parallel: the default without a GPU; hands float64 to numpy_cpu
    cupy_gpu.py    CUDA C++ (`*.cu`), launched through CuPy: the default with a GPU
    numba_gpu.py   Numba CUDA

The functions that a folder exports check their arguments, then call the rung that the current backend asks for (see
`backend`).

What is written to:

- forward and backward only read the arrays that they are given, dy too. With `overwrite_dy=True`, an option of
  `batch_norm_train_backward` and of `before_relu`, a result may be written where dy was: for callers who have no other
  use for it, such as a network in training (`tinyseg/models/ownership.py`).
- `weighted_sum.without_ignored` changes the gradient that it is given, on a GPU.
- The updates of `optimizer` write to the parameters and slots that they are given: that is what they are for.
- Results may share memory with an input (a reshaped view, the dy that a sum hands on), and a cache may hold the inputs
  themselves. Whoever changes x between forward and backward changes the gradients.
"""
