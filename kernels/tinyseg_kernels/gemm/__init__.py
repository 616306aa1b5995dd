r"""GEMM, the general matrix product: what dense layers and convolutions become on a GPU.

c[m, n] = bias[n] + sum over k of a[m, k] * b[k, n], where a, b or both may lie transposed in memory, so that no
gradient needs a transposed copy:

    dense     y = x @ kernel + bias        dx = dy @ kernel^T        dkernel = x^T @ dy

It is no layer and has no rung for the CPU, where NumPy's `@` is BLAS. On a GPU it is the example of the ladder: the
same sum, from one thread per output to tiles in registers (gemm.cu, gemm_register_tiles.cu; Numba's in numba_gpu.py),
each step with its reason. `gpu.versions.versions(gemm="naive")` picks a step.

A product of M x N x K does 2*M*N*K operations on M*K + K*N + M*N numbers. A GPU can do some 20 operations in float32 in
the time in which it reads a number's byte from memory, so each number that was read must serve many products: all
versions but the last do the same products, and differ in how often they fetch the numbers, and from where.
"""
