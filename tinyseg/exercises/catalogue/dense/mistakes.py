"""dense: planted bugs."""

from __future__ import annotations

from ...exercise import Mistake

MISTAKES = (
    Mistake("no-bias", "x @ kernel + bias", "x @ kernel", ("bias-missing",)),
    Mistake("bias-subtracted", "x @ kernel + bias", "x @ kernel - bias", ("bias-subtracted",)),
    Mistake("kernel-transposed", "x @ kernel + bias", "x @ kernel.T + bias", ("kernel-transposed",)),
    Mistake("bias-as-a-column", "x @ kernel + bias", "x @ kernel + bias[:, None]", ("bias-along-the-wrong-axis",)),
    Mistake("products-not-added-up", "x @ kernel + bias", "x * kernel + bias", ("product-elementwise",)),
    Mistake("first-bias-for-all", "x @ kernel + bias", "x @ kernel + bias[0]", ("bias-one-for-all",)),
    Mistake(
        "bias-in-every-product",
        "x @ kernel + bias",
        "(x[:, :, None] * kernel + bias).sum(axis=1)",
        ("bias-added-repeatedly",),
    ),
    Mistake("bias-added-to-the-kernel", "x @ kernel + bias", "x @ (kernel + bias)", ("bias-inside-the-product",)),
    Mistake("relu-built-in", "x @ kernel + bias", "np.maximum(x @ kernel + bias, 0)", ("activation-built-in",)),
    Mistake("mean-of-the-products", "x @ kernel + bias", "x @ kernel / x.shape[1] + bias", ("product-scaled",)),
    Mistake("bias-doubled", "x @ kernel + bias", "x @ kernel + bias + bias", ("bias-added-repeatedly",)),
    Mistake("last-feature-missing", "x @ kernel + bias", "x[:, :-1] @ kernel[:-1] + bias", ("last-feature-missing",)),
    Mistake("bias-grows", "x @ kernel + bias\n", "bias\n    y += x @ kernel\n", ("input-changed", "exception")),
    Mistake("kernel-not-turned", "dy @ kernel.T", "dy @ kernel", ("kernel-not-transposed",)),
    Mistake("dx-lies-on-its-side", "dy @ kernel.T", "kernel @ dy.T", ("transposed",)),
    Mistake("dx-of-the-first-unit", "dy @ kernel.T", "dy[:, :1] @ kernel[:, :1].T", ("only-first-filter",)),
    Mistake("dx-is-a-sum", "dy @ kernel.T", "np.outer(dy.sum(axis=1), kernel.sum(axis=1))", ("product-of-sums",)),
    Mistake("dx-through-a-relu", "dy @ kernel.T", "(dy @ kernel.T) * (x > 0)", ("mask-of-the-input",)),
    Mistake("dkernel-lies-on-its-side", "x.T @ dy", "dy.T @ x", ("transposed",)),
    Mistake("dkernel-averaged", "x.T @ dy", "x.T @ dy / len(x)", ("wrong-factor",)),
    Mistake("dkernel-of-the-last-sample", "x.T @ dy", "np.outer(x[-1], dy[-1])", ("only-last-sample",)),
    Mistake("dkernel-one-sample-short", "x.T @ dy", "x[:-1].T @ dy[:-1]", ("last-sample-missing",)),
    Mistake("dkernel-without-dy", "x.T @ dy", "x.T @ np.ones_like(dy)", ("upstream-ignored", "wrong-array-used")),
    Mistake("dkernel-decays", "x.T @ dy", "x.T @ dy + 0.01 * kernel", ("extra-term",)),
    Mistake("dkernel-of-sums", "x.T @ dy", "np.outer(x.sum(axis=0), dy.sum(axis=0))", ("product-of-sums",)),
    Mistake("dbias-averaged", "np.sum(dy, axis=0)", "np.mean(dy, axis=0)", ("bias-gradient-averaged",)),
    Mistake("dbias-not-summed", "np.sum(dy, axis=0)", "dy", ("bias-not-summed",)),
    Mistake("dbias-over-units", "np.sum(dy, axis=0)", "np.sum(dy, axis=1)", ("bias-summed-over-wrong-axes",)),
    Mistake("dbias-one-number", "np.sum(dy, axis=0)", "np.sum(dy)", ("bias-summed-over-wrong-axes",)),
    Mistake(
        "dbias-keeps-an-axis",
        "np.sum(dy, axis=0)",
        "np.sum(dy, axis=0, keepdims=True)",
        ("bias-axes-kept", "extra-axis"),
    ),
    Mistake("dbias-of-the-first-sample", "np.sum(dy, axis=0)", "dy[0]", ("bias-gradient-of-one-part",)),
    Mistake("dbias-counts", "np.sum(dy, axis=0)", "np.full(dy.shape[1], len(dy), dy.dtype)", ("upstream-ignored",)),
    Mistake("another-order", "return dx, dkernel, dbias", "return dkernel, dx, dbias", ("results-in-wrong-order",)),
    Mistake("bias-forgotten-in-the-return", "return dx, dkernel, dbias", "return dx, dkernel", ("wrong-return",)),
    Mistake("cache-read-backwards", "x, kernel = cache", "kernel, x = cache", ("exception", "wrong-array-used")),
    Mistake(
        "averaged-in-place",
        "x, kernel = cache",
        "x, kernel = cache\n    dy /= len(dy)",
        ("wrong-factor", "input-changed"),
    ),
)
