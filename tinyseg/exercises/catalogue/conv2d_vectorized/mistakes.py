"""conv2d_vectorized: planted bugs."""

from __future__ import annotations

from ...exercise import Mistake

STEP = "y += x[:, i : i + oh, j : j + ow] @ kernel[i, j]\n"
SIZE = "oh, ow = x.shape[1] - kh + 1, x.shape[2] - kw + 1"
MET = "met = (slice(None), slice(i, i + oh), slice(j, j + ow))"
TO_X = "dx[met] += dy @ kernel[i, j].T"
TO_KERNEL = "dkernel[i, j] = np.tensordot(x[met], dy, ((0, 1, 2), (0, 1, 2)))"
RETURN = "return dx, dkernel, dy.sum(axis=(0, 1, 2))"

MISTAKES = (
    # forward
    Mistake("assigned", STEP, STEP.replace("y +=", "y[...] ="), ("only-last-tap",)),
    Mistake("not-shifted", STEP, STEP.replace("i : i + oh, j : j + ow", ":oh, :ow"), ("tap-offset-missing",)),
    Mistake("shifted-in-rows-only", STEP, STEP.replace("j : j + ow", ":ow"), ("tap-offset-missing",)),
    Mistake(
        "rows-and-columns-of-tap",
        STEP,
        STEP.replace("kernel[i, j]", "kernel[j, i]"),
        ("kernel-height-and-width-swapped",),
    ),
    Mistake("kernel-turned", STEP, STEP.replace("kernel[i, j]", "kernel[-1 - i, -1 - j]"), ("kernel-flipped",)),
    Mistake("kernel-from-the-end", STEP, STEP.replace("kernel[i, j]", "kernel[-i, -j]"), ("kernel-index-negative",)),
    Mistake(
        "kernel-row-from-the-end",
        STEP,
        STEP.replace("kernel[i, j]", "kernel[kh - 1 - i, j]"),
        ("kernel-flipped-in-one-axis",),
    ),
    Mistake(
        "channels-transposed",
        STEP,
        STEP.replace("kernel[i, j]", "kernel[i, j].T"),
        ("kernel-channels-swapped", "exception"),
    ),
    Mistake(
        "channels-reshaped",
        STEP,
        STEP.replace("kernel[i, j]", "kernel[i, j].reshape(filters, -1).T"),
        ("kernel-channels-not-swapped", "reshaped-instead-of-transposed"),
    ),
    Mistake(
        "elementwise",
        STEP,
        "y += x[:, i : i + oh, j : j + ow].sum(axis=-1, keepdims=True) * kernel[i, j].sum(axis=0)\n",
        ("channels-summed",),
    ),
    Mistake(
        "first-channel", STEP, "y += x[:, i : i + oh, j : j + ow, :1] @ kernel[i, j, :1]\n", ("only-first-channel",)
    ),
    Mistake("last-row-of-taps", "for i in range(kh)", "for i in range(kh - 1)", ("last-tap-row-missing",)),
    Mistake("square-kernel", "for j in range(kw)", "for j in range(kh)", ("window-square-assumed",)),
    Mistake("same-rows-and-columns", "for j in range(kw)", "for j in [i]", ("only-the-diagonal-of-the-kernel",)),
    Mistake(
        "size-without-one",
        SIZE,
        "oh, ow = x.shape[1] - kh, x.shape[2] - kw",
        ("output-size-without-plus-one", "output-one-too-few"),
    ),
    Mistake(
        "height-and-width",
        SIZE,
        "ow, oh = x.shape[1] - kh + 1, x.shape[2] - kw + 1",
        ("height-and-width-swapped", "exception"),
    ),
    Mistake("bias-missing", "return y + bias", "return y", ("bias-missing",)),
    Mistake("bias-in-the-loop", "@ kernel[i, j]\n", "@ kernel[i, j] + bias\n", ("bias-added-repeatedly",)),
    Mistake("bias-multiplied", "return y + bias", "return y * bias", ("bias-multiplied",)),
    Mistake("mean-of-taps", "return y + bias", "return y / (kh * kw) + bias", ("product-scaled",)),
    Mistake(
        "wrapped-around",
        STEP,
        "y += np.roll(x, (i, j), (1, 2))[:, :oh, :ow] @ kernel[i, j]\n",
        ("tap-offset-subtracted",),
    ),
    # backward
    Mistake("dx-assigned", TO_X, TO_X.replace("+=", "="), ("overlaps-overwritten",)),
    Mistake("dx-not-shifted", MET, "met = (slice(None), slice(0, oh), slice(0, ow))", ("tap-offset-missing",)),
    Mistake("dx-kernel-turned", TO_X, TO_X.replace("[i, j]", "[-1 - i, -1 - j]"), ("kernel-not-flipped",)),
    Mistake(
        "dx-kernel-transposed", TO_X, TO_X.replace("[i, j]", "[j, i]"), ("kernel-height-and-width-swapped", "exception")
    ),
    Mistake("dx-reshaped", TO_X, TO_X.replace(".T", ".reshape(dy.shape[3], -1)"), ("kernel-channels-not-swapped",)),
    Mistake("dx-first-filter", TO_X, "dx[met] += dy[..., :1] @ kernel[i, j].T[:1]", ("only-first-filter",)),
    Mistake("dx-sign", TO_X, TO_X.replace("+=", "-="), ("sign-flipped",)),
    Mistake("dx-mean", TO_X, "dx[met] += dy @ kernel[i, j].T / len(x)", ("wrong-factor",)),
    Mistake("dx-without-dy", TO_X, "dx[met] += np.ones_like(dy) @ kernel[i, j].T", ("upstream-ignored",)),
    Mistake("dkernel-turned", TO_KERNEL, TO_KERNEL.replace("[i, j]", "[-1 - i, -1 - j]"), ("kernel-gradient-flipped",)),
    Mistake(
        "dkernel-transposed",
        TO_KERNEL,
        TO_KERNEL.replace("[i, j]", "[j, i]"),
        ("kernel-height-and-width-swapped", "exception"),
    ),
    Mistake(
        "dkernel-first-image",
        TO_KERNEL,
        "dkernel[i, j] = np.tensordot(x[met][0], dy[0], ((0, 1), (0, 1)))",
        ("only-first-image",),
    ),
    Mistake("dkernel-mean-over-outputs", TO_KERNEL, f"{TO_KERNEL} / (oh * ow)", ("wrong-factor",)),
    Mistake("dkernel-mean-over-all", TO_KERNEL, f"{TO_KERNEL} / dy[..., 0].size", ("wrong-factor",)),
    Mistake(
        "dkernel-last-column",
        TO_KERNEL,
        "dkernel[i, j] = np.tensordot(x[met][:, :, :-1], dy[:, :, :-1], ((0, 1, 2), (0, 1, 2)))",
        ("last-column-missing",),
    ),
    Mistake(
        "dkernel-in-first-tap",
        TO_KERNEL,
        TO_KERNEL.replace("dkernel[i, j] =", "dkernel[0, 0] +="),
        ("all-in-the-first-tap",),
    ),
    Mistake(
        "last-tap-column-back", "range(kernel.shape[1])", "range(kernel.shape[1] - 1)", ("last-tap-column-missing",)
    ),
    Mistake("dbias-of-each-place", RETURN, "return dx, dkernel, dy.sum(axis=0)", ("bias-summed-over-wrong-axes",)),
    Mistake("dbias-of-last-axis", RETURN, "return dx, dkernel, dy.sum(axis=-1)", ("bias-summed-over-wrong-axes",)),
    Mistake("dbias-mean", RETURN, "return dx, dkernel, dy.mean(axis=(0, 1, 2))", ("wrong-factor",)),
    Mistake(
        "dbias-keeps-axes", RETURN, "return dx, dkernel, dy.sum(axis=(0, 1, 2), keepdims=True)", ("bias-axes-kept",)
    ),
    Mistake("order", RETURN, "return dkernel, dx, dy.sum(axis=(0, 1, 2))", ("results-in-wrong-order",)),
    Mistake("one-buffer", "np.zeros(x.shape, dy.dtype)", "x", ("cache-changed", "input-changed", "extra-term")),
)
