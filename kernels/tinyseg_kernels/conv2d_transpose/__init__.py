r"""Transposed convolution: conv2d's gradient by its input, used as a forward. It enlarges images by its stride.

Each pixel stamps the kernel, times its value, onto the output; stamps that overlap add up:

    y[n, h*s - p + i*d, w*s - p + j*d, f] += x[n, h, w, c] * kernel[i, j, f, c]       for all i, j, c; then + bias[f]

Let conv be the convolution with this kernel from an image of y's size to one of x's. The formula above is conv's dx
with x in the place of dy. So the gradient by x is conv itself, applied to dy, and the gradient by the kernel is conv's
dkernel, with dy as the image and x as the upstream gradient.

Output size, as in Keras: 'same' gives n * s; 'valid' gives (n - 1) * s + max(span, s), with span = (k - 1) * d + 1. A
convolution of stride s makes images of s different sizes n high; which of them to go back to says `output_padding` o:
'same' then gives (n - 1) * s + (span mod 2) + o, and 'valid' (n - 1) * s + span + o.

Source: Zeiler et al., "Deconvolutional networks", CVPR 2010; Dumoulin and Visin, arXiv:1603.07285, chapter 4.

Example:
    >>> import numpy as np
    >>> from tinyseg_kernels.conv2d_transpose import conv2d_transpose_forward
    >>> y, cache = conv2d_transpose_forward(np.ones((1, 2, 2, 1)), np.ones((2, 2, 1, 1)), strides=(2, 2))
    >>> y.shape
    (1, 4, 4, 1)
"""

from __future__ import annotations

from ..backend import rung
from ..caches import Kept, before_relu, given_back, keep
from ..checks import as_flag, as_pair, check_float, check_kernel, check_rank, check_shape, wrong_channels
from ..errors import InvalidInput
from ..types import FloatArray, KernelGradients, Pair
from .geometry import output_size


def conv2d_transpose_forward(
    x: FloatArray,
    kernel: FloatArray,
    bias: FloatArray | None = None,
    *,
    strides: int | Pair = (1, 1),
    padding: str = "valid",
    dilation_rate: int | Pair = (1, 1),
    output_padding: int | Pair | None = None,
    relu: bool = False,
) -> tuple[FloatArray, Kept]:
    """Stamp the kernel at every pixel.

    Args:
        x: Images (N, H, W, C), float32 or float64.
        kernel: (KH, KW, F, C) of x's dtype: Keras's order, with the output channels before the input channels.
        bias: (F,) or None.
        strides: Steps between stamps, the factor of enlargement.
        padding: 'valid' or 'same'.
        dilation_rate: Steps between the taps of a stamp.
        output_padding: What decides y's size, see above; less than the strides. None: the usual size.
        relu: Whether y is to be max(y, 0).

    Returns:
        y (N, OH, OW, F) and the cache.

    Raises:
        InvalidInput: Wrong rank, channels, dtype or padding.
    """
    name = "conv2d_transpose"
    check_float(name, x=x, kernel=kernel, bias=bias)
    check_rank(name, "x", x.shape, "N, H, W, C")
    check_kernel(name, kernel.shape, "KH, KW, F, C")
    if x.shape[3] != kernel.shape[3]:
        raise wrong_channels(name, x.shape, kernel.shape, 3, ": KH, KW, F, C")
    check_shape(name, "bias", None if bias is None else bias.shape, (kernel.shape[2],), " (one number per filter)")
    if 0 in x.shape[1:3]:
        raise InvalidInput(f"{name}: expected images of at least one pixel, got shape {x.shape}")
    if not isinstance(padding, str) or padding not in ("valid", "same"):
        raise InvalidInput(f"{name}: padding: expected 'valid' or 'same', got {padding!r}")
    strides = as_pair("conv2d_transpose: strides", strides)
    dilation_rate = as_pair("conv2d_transpose: dilation_rate", dilation_rate)
    if output_padding is not None:
        output_padding = as_pair("conv2d_transpose: output_padding", output_padding, 0)
        if any(o >= s for o, s in zip(output_padding, strides, strict=True)):
            raise InvalidInput(
                f"{name}: output_padding: expected less than the strides {strides}, got {output_padding}"
            )
        size = (x.shape[1], x.shape[2])
        if min(output_size(size, kernel.shape[:2], strides, padding, dilation_rate, output_padding)) < 1:
            raise InvalidInput(f"{name}: output_padding {output_padding} leaves nothing of images of {size} pixels")
    geometry = {
        "strides": strides, "padding": padding, "dilation_rate": dilation_rate, "output_padding": output_padding
    }  # fmt: skip
    relu = relu if type(relu) is bool else as_flag("conv2d_transpose: relu", relu)
    return keep(name, *rung(name).conv2d_transpose_forward(x, kernel, bias, **geometry, relu=relu))


def conv2d_transpose_backward(dy: FloatArray, cache: Kept, *, need_dx: bool = True) -> KernelGradients:
    """Return (dx, dkernel, dbias); dbias is None without a bias, dx when `need_dx` is false."""
    need_dx = need_dx if type(need_dx) is bool else as_flag("conv2d_transpose_backward: need_dx", need_dx)
    dy, cache = given_back("conv2d_transpose", *before_relu(dy, cache))
    return rung("conv2d_transpose").conv2d_transpose_backward(dy, cache, need_dx=need_dx)
