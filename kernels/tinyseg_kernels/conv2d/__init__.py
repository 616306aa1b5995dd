r"""Two-dimensional convolution (cross-correlation, as all deep-learning libraries define it).

With stride s, dilation d and padding p (per axis; x is zero outside the image):

    y[n, oh, ow, f] = bias[f] + sum over i, j, c of x[n, oh*s - p + i*d, ow*s - p + j*d, c] * kernel[i, j, c, f]

y is linear in x, kernel and bias, so each gradient is read off this sum: take the terms in which the variable occurs
and multiply what stands beside it by dy.

    dbias[f]            = sum over n, oh, ow of dy[n, oh, ow, f]
    dkernel[i, j, c, f] = sum over n, oh, ow of x[n, oh*s - p + i*d, ow*s - p + j*d, c] * dy[n, oh, ow, f]
    dx[n, h, w, c]      = sum over all (oh, ow, i, j) with oh*s - p + i*d = h and ow*s - p + j*d = w,
                          and over f, of dy[n, oh, ow, f] * kernel[i, j, c, f]

For stride 1 the last one is again a convolution: of dy, padded with (k-1)*d - p, with the flipped kernel (turned by 180
degrees) and its channels swapped (substitute oh = h + p - i*d).

Source: LeCun et al., "Gradient-based learning applied to document recognition", Proc. IEEE 1998; Dumoulin and Visin, "A
guide to convolution arithmetic for deep learning", arXiv:1603.07285.

The ladder, each rung with the same functions:

    naive.py       the formulas as loops: the specification
    numpy_cpu.py   products of windows in NumPy: the version to read next
    numba_cpu.py   compiled for the CPU
    numba_gpu.py   Numba CUDA
    cupy_gpu.py    CUDA C++ through CuPy
    cache.py       what forward keeps for backward

Workshops below it: `cpu/` holds the algorithms of numba_cpu.py (im2col, direct, Winograd ...) and the function that
chooses among them, `gpu/` the kernels that numba_gpu.py and cupy_gpu.py launch.

Example:
    >>> import numpy as np
    >>> from tinyseg_kernels.conv2d import conv2d_backward, conv2d_forward
    >>> x, kernel = np.arange(9.0).reshape(1, 3, 3, 1), np.ones((2, 2, 1, 1))
    >>> y, cache = conv2d_forward(x, kernel)
    >>> y[0, :, :, 0]
    array([[ 8., 12.],
           [20., 24.]])
    >>> dx, dkernel, dbias = conv2d_backward(np.ones_like(y), cache)
    >>> dx[0, :, :, 0]
    array([[1., 2., 1.],
           [2., 4., 2.],
           [1., 2., 1.]])
"""

from __future__ import annotations

from ..backend import rung
from ..caches import Kept, before_relu, given_back, keep
from ..checks import as_flag, as_windows, check_float, check_kernel, check_rank, check_shape, remembered, wrong_channels
from ..types import FloatArray, KernelGradients, Padding, Pair, Shape


def conv2d_forward(
    x: FloatArray,
    kernel: FloatArray,
    bias: FloatArray | None = None,
    *,
    strides: int | Pair = (1, 1),
    padding: Padding = "valid",
    dilation_rate: int | Pair = (1, 1),
    relu: bool = False,
) -> tuple[FloatArray, Kept]:
    """Convolve images with a kernel (the formula is at the top of this file).

    Args:
        x: Images (N, H, W, C), float32 or float64.
        kernel: Weights (KH, KW, C, F), of x's dtype.
        bias: One number per filter (F,), or None.
        strides: Steps between windows (vertical, horizontal).
        padding: 'valid' (none), 'same' (ceil(size / stride) outputs) or zeros ((top, bottom), (left, right)).
        dilation_rate: Steps between the taps of a window.
        relu: Whether y is to be max(y, 0).

    Returns:
        y of shape (N, OH, OW, F) and the cache for `conv2d_backward`.

    Raises:
        InvalidInput: Wrong rank, channels or dtype, or a window larger than the padded image.
    """
    check_float("conv2d", x=x, kernel=kernel, bias=bias)
    shapes = x.shape, kernel.shape, None if bias is None else bias.shape
    strides, padding, dilation_rate = _options_of(*shapes, strides, padding, dilation_rate)
    geometry = {"strides": strides, "padding": padding, "dilation_rate": dilation_rate}
    relu = relu if type(relu) is bool else as_flag("conv2d: relu", relu)
    return keep("conv2d", *rung("conv2d").conv2d_forward(x, kernel, bias, **geometry, relu=relu))


@remembered
def _options_of(
    x: Shape, kernel: Shape, bias: Shape | None, strides: int | Pair, padding: Padding, dilation_rate: int | Pair
) -> tuple[Pair, Padding, Pair]:
    """Return strides, padding and dilation rate in their usual form, for arrays of these shapes, which must fit."""
    check_rank("conv2d", "x", x, "N, H, W, C")
    check_kernel("conv2d", kernel, "KH, KW, C, F")
    if x[3] != kernel[2]:
        raise wrong_channels("conv2d", x, kernel, 2)
    check_shape("conv2d", "bias", bias, (kernel[3],), " (one number per filter)")
    return as_windows("conv2d", (x[1], x[2]), (kernel[0], kernel[1]), strides, padding, dilation_rate)


def conv2d_backward(dy: FloatArray, cache: Kept, *, need_dx: bool = True) -> KernelGradients:
    """Return (dx, dkernel, dbias) for dy (N, OH, OW, F); dbias is None without a bias, dx when `need_dx` is false.

    The first layer of a network needs no dx, and it is a third of the work.
    """
    need_dx = need_dx if type(need_dx) is bool else as_flag("conv2d_backward: need_dx", need_dx)
    dy, cache = given_back("conv2d", *before_relu(dy, cache))
    return rung("conv2d").conv2d_backward(dy, cache, need_dx=need_dx)
