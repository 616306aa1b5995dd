"""Layers of a convolutional network in NumPy, as courses teach them.

Image patches as columns of a matrix (im2col), everything else in whole-array expressions.

This is a peer, not a part of the library: what its users would otherwise write, with index arrays and `np.add.at`
replaced by a loop over the window, as the better lecture notes have it (Stanford's CS231n).
"""

from __future__ import annotations

from typing import Any

import numpy as np

Pads = tuple[tuple[int, int], tuple[int, int]]


def im2col(x: np.ndarray, kh: int, kw: int, stride: int, pad: Pads) -> tuple[np.ndarray, tuple[int, int]]:
    """Return the patches (N * OH * OW, KH * KW * C) of images (N, H, W, C), and (OH, OW)."""
    x = np.pad(x, ((0, 0), *pad, (0, 0)))
    n, height, width, c = x.shape
    oh, ow = (height - kh) // stride + 1, (width - kw) // stride + 1
    columns = np.empty((n, oh, ow, kh, kw, c), x.dtype)
    for i in range(kh):
        for j in range(kw):
            columns[:, :, :, i, j] = x[:, i : i + stride * oh : stride, j : j + stride * ow : stride]
    return columns.reshape(n * oh * ow, kh * kw * c), (oh, ow)


def conv_forward(x: Any, kernel: Any, bias: Any = None, *, stride: int = 1, pad: Pads = ((0, 0), (0, 0))) -> Any:
    """Convolve: one matrix product of all patches with all filters."""
    kh, kw, _, f = kernel.shape
    columns, (oh, ow) = im2col(x, kh, kw, stride, pad)
    y = columns @ kernel.reshape(-1, f)
    if bias is not None:
        y = y + bias
    return y.reshape(len(x), oh, ow, f), (x.shape, kernel, bias is not None, columns, stride, pad)


def conv_backward(dy: Any, cache: Any) -> Any:
    """Return dx, dkernel, dbias: products with the same patches, and a sum of what they overlap in (col2im)."""
    shape, kernel, biased, columns, stride, pad = cache
    kh, kw, c, f = kernel.shape
    n, oh, ow, _ = dy.shape
    flat = dy.reshape(-1, f)
    dkernel = (columns.T @ flat).reshape(kernel.shape)
    patches = (flat @ kernel.reshape(-1, f).T).reshape(n, oh, ow, kh, kw, c)
    (top, bottom), (left, right) = pad
    dx = np.zeros((n, shape[1] + top + bottom, shape[2] + left + right, c), dy.dtype)
    for i in range(kh):
        for j in range(kw):
            dx[:, i : i + stride * oh : stride, j : j + stride * ow : stride] += patches[:, :, :, i, j]
    dx = dx[:, top : top + shape[1], left : left + shape[2]]
    return (dx, dkernel, flat.sum(axis=0)) if biased else (dx, dkernel)


def depthwise_forward(x: Any, kernel: Any, bias: Any = None, *, pad: Pads) -> Any:
    """Convolve each channel with its own window (KH, KW, C, 1), step 1."""
    kh, kw, c, _ = kernel.shape
    columns, (oh, ow) = im2col(x, kh, kw, 1, pad)
    columns = columns.reshape(-1, kh * kw, c)
    y = (columns * kernel.reshape(kh * kw, c)).sum(axis=1)
    y = y if bias is None else y + bias
    return y.reshape(len(x), oh, ow, c), (x.shape, kernel, bias is not None, columns, pad)


def depthwise_backward(dy: Any, cache: Any) -> Any:
    """Return dx, dkernel, dbias."""
    shape, kernel, biased, columns, ((top, bottom), (left, right)) = cache
    kh, kw, c, _ = kernel.shape
    n, oh, ow, _ = dy.shape
    flat = dy.reshape(-1, 1, c)
    dkernel = (columns * flat).sum(axis=0).reshape(kernel.shape)
    dx = np.zeros((n, shape[1] + top + bottom, shape[2] + left + right, c), dy.dtype)
    for i in range(kh):
        for j in range(kw):
            dx[:, i : i + oh, j : j + ow] += dy * kernel[i, j, :, 0]
    dx = dx[:, top : top + shape[1], left : left + shape[2]]
    return (dx, dkernel, dy.sum(axis=(0, 1, 2))) if biased else (dx, dkernel)


def up_forward(x: Any, kernel: Any, bias: Any) -> Any:
    """Enlarge by a transposed convolution 2x2 with step 2; the kernel is (2, 2, F, C)."""
    n, h, w, c = x.shape
    f = kernel.shape[2]
    y = x.reshape(-1, c) @ kernel.reshape(4 * f, c).T
    y = y.reshape(n, h, w, 2, 2, f).transpose(0, 1, 3, 2, 4, 5).reshape(n, 2 * h, 2 * w, f)
    return y + bias, (x, kernel)


def up_backward(dy: Any, cache: Any) -> Any:
    """Return dx, dkernel, dbias."""
    x, kernel = cache
    n, h, w, c = x.shape
    f = kernel.shape[2]
    blocks = dy.reshape(n, h, 2, w, 2, f).transpose(0, 1, 3, 2, 4, 5).reshape(-1, 4 * f)
    dkernel = (blocks.T @ x.reshape(-1, c)).reshape(kernel.shape)
    return (blocks @ kernel.reshape(4 * f, c)).reshape(x.shape), dkernel, dy.sum(axis=(0, 1, 2))


def nearest_forward(x: Any, size: int) -> Any:
    """Enlarge by repeating."""
    return x.repeat(size, axis=1).repeat(size, axis=2), (x.shape, size)


def nearest_backward(dy: Any, cache: Any) -> Any:
    """Sum over what was repeated."""
    (n, h, w, c), size = cache
    return dy.reshape(n, h, size, w, size, c).sum(axis=(2, 4))


def pool_forward(x: Any) -> Any:
    """Take the largest of each 2x2 window; an odd last row or column is left out."""
    n, h, w, c = x.shape
    windows = x[:, : h // 2 * 2, : w // 2 * 2].reshape(n, h // 2, 2, w // 2, 2, c)
    y = windows.max(axis=(2, 4))
    return y, (x.shape, windows, y)


def pool_backward(dy: Any, cache: Any) -> Any:
    """Send the gradient to where the largest number was; equal numbers share it."""
    (n, h, w, c), windows, y = cache
    mask = windows == y[:, :, None, :, None]
    share = mask * (dy / mask.sum(axis=(2, 4)))[:, :, None, :, None]
    dx = np.zeros((n, h, w, c), dy.dtype)
    dx[:, : h // 2 * 2, : w // 2 * 2] = share.reshape(n, h // 2 * 2, w // 2 * 2, c)
    return dx


def batch_norm_forward(x: Any, gamma: Any, beta: Any, epsilon: float) -> Any:
    """Normalise each channel by the batch's mean and variance."""
    axes = tuple(range(x.ndim - 1))
    mean, variance = x.mean(axis=axes), x.var(axis=axes)
    scale = 1 / np.sqrt(variance + np.float32(epsilon))
    normal = (x - mean) * scale
    return gamma * normal + beta, (normal, gamma, scale, axes)


def batch_norm_backward(dy: Any, cache: Any) -> Any:
    """Return dx, dgamma, dbeta."""
    normal, gamma, scale, axes = cache
    dgamma, dbeta = (dy * normal).sum(axis=axes), dy.sum(axis=axes)
    count = np.float32(dy.size // dy.shape[-1])
    return gamma * scale / count * (count * dy - dbeta - normal * dgamma), dgamma, dbeta


def dense_forward(x: Any, kernel: Any, bias: Any) -> Any:
    """Multiply and add."""
    return x @ kernel + bias, (x, kernel)


def dense_backward(dy: Any, cache: Any) -> Any:
    """Return dx, dkernel, dbias."""
    x, kernel = cache
    return dy @ kernel.T, x.T @ dy, dy.sum(axis=0)


def softmax(x: Any) -> Any:
    """Return exp(x) / sum(exp(x)) over the last axis."""
    powers = np.exp(x - x.max(axis=-1, keepdims=True))
    return powers / powers.sum(axis=-1, keepdims=True)
