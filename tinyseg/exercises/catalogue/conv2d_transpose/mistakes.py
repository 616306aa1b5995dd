"""conv2d_transpose: planted bugs."""

from __future__ import annotations

from ...exercise import Mistake

STAMP = "stamp = np.tensordot(x[:, h, w], kernel, (1, 3))"
PUT = "whole[:, h * sh : h * sh + kh, w * sw : w * sw + kw] += stamp"
CUT = "y = whole[:, top : top + oh, left : left + ow] + bias"
SAME = "oh, ow = height * sh, width * sw"
BEFORE = "top, left = max(kh - sh, 0) // 2, max(kw - sw, 0) // 2"
VALID = "oh, ow = (height - 1) * sh + max(kh, sh), (width - 1) * sw + max(kw, sw)"
PLACED = "dwhole[:, top : top + dy.shape[1], left : left + dy.shape[2]] = dy"
BLOCK = "block = dwhole[:, h * sh : h * sh + kh, w * sw : w * sw + kw]"
TO_X = "dx[:, h, w] = np.tensordot(block, kernel, 3)"
TO_KERNEL = "dkernel += np.tensordot(block, x[:, h, w], (0, 0))"
RETURN = "return dx, dkernel, dy.sum(axis=(0, 1, 2))"

MISTAKES = (
    # forward
    Mistake("assigned", PUT, PUT.replace("+=", "="), ("overlaps-overwritten",)),
    Mistake(
        "largest-kept",
        PUT,
        "part = whole[:, h * sh : h * sh + kh, w * sw : w * sw + kw]\n            np.maximum(part, stamp, out=part)",
        ("overlaps-keep-the-largest",),
    ),
    Mistake("kernel-turned", STAMP, STAMP.replace("kernel", "kernel[::-1, ::-1]"), ("kernel-flipped",)),
    Mistake(
        "kernel-turned-in-columns", STAMP, STAMP.replace("kernel", "kernel[:, ::-1]"), ("kernel-flipped-in-one-axis",)
    ),
    Mistake(
        "kernel-transposed",
        STAMP,
        STAMP.replace("kernel", "kernel.swapaxes(0, 1)"),
        ("kernel-height-and-width-swapped", "exception"),
    ),
    Mistake("kernel-as-in-conv2d", STAMP, STAMP.replace("(1, 3)", "(1, 2)"), ("kernel-channels-swapped", "exception")),
    Mistake(
        "kernel-reshaped",
        STAMP,
        STAMP.replace("kernel, (1, 3)", "kernel.reshape(kh, kw, -1, filters), (1, 2)"),
        ("kernel-channels-not-swapped",),
    ),
    Mistake(
        "first-channel",
        STAMP,
        STAMP.replace("x[:, h, w], kernel", "x[:, h, w, :1], kernel[..., :1]"),
        ("only-first-channel",),
    ),
    Mistake("stride-missing", PUT, "whole[:, h : h + kh, w : w + kw] += stamp", ("stride-ignored",)),
    Mistake("stride-in-rows-only", PUT, PUT.replace("w * sw", "w"), ("stride-ignored-in-one-axis",)),
    Mistake(
        "stride-is-window",
        PUT,
        PUT.replace("h * sh", "h * kh").replace("w * sw", "w * kw"),
        ("stride-replaced-by-window", "exception"),
    ),
    Mistake("strides-swapped", "sh, sw = strides", "sw, sh = strides", ("strides-swapped",)),
    Mistake("one-stride", "sh, sw = strides", "sh = sw = strides[1]", ("one-stride-for-both-axes",)),
    Mistake("bias-missing", CUT, CUT.replace(" + bias", ""), ("bias-missing",)),
    Mistake("bias-in-stamps", STAMP, f"{STAMP} + bias", ("bias-added-repeatedly",)),
    Mistake("bias-in-whole-twice", CUT, CUT.replace("+ bias", "+ 2 * bias"), ("bias-added-repeatedly",)),
    Mistake(
        "size-without-max",
        VALID,
        "oh, ow = (height - 1) * sh + kh, (width - 1) * sw + kw",
        ("output-size-without-the-gap",),
    ),
    Mistake(
        "size-of-valid-too-large",
        VALID,
        "oh, ow = height * sh + max(kh, sh), width * sw + max(kw, sw)",
        ("output-one-stride-too-long",),
    ),
    Mistake("size-without-stride", SAME, "oh, ow = height, width", ("output-size-ignores-the-stride",)),
    Mistake("nothing-cut", 'if padding == "same":', 'if padding == "none":', ("padding-ignored",)),
    Mistake("always-same", 'if padding == "same":', "if True:", ("padding-where-none-was-asked",)),
    Mistake("cut-at-the-end", BEFORE, "top, left = 0, 0", ("padding-removed-at-the-wrong-end", "padding-only-after")),
    Mistake(
        "cut-at-the-start",
        BEFORE,
        "top, left = max(kh - sh, 0), max(kw - sw, 0)",
        ("padding-removed-at-the-wrong-end", "padding-only-before"),
    ),
    Mistake(
        "extra-at-the-start",
        BEFORE,
        "top, left = (max(kh - sh, 0) + 1) // 2, (max(kw - sw, 0) + 1) // 2",
        ("padding-removed-at-the-wrong-end", "padding-at-the-wrong-end"),
    ),
    Mistake(
        "cut-by-half-the-kernel",
        BEFORE,
        "top, left = (kh - 1) // 2, (kw - 1) // 2",
        ("padding-not-for-the-stride", "padding-symmetric"),
    ),
    Mistake(
        "mean-of-overlaps",
        CUT,
        "count = np.zeros((rows, columns, 1))\n"
        "    for h in range(height):\n"
        "        for w in range(width):\n"
        "            count[h * sh : h * sh + kh, w * sw : w * sw + kw] += 1\n"
        f"    whole /= np.maximum(count, 1)\n    {CUT}",
        ("overlaps-averaged",),
    ),
    Mistake("last-row", "for h in range(height)", "for h in range(height - 1)", ("last-row-missing",)),
    Mistake("last-column", "for w in range(width)", "for w in range(width - 1)", ("last-column-missing",)),
    # backward
    Mistake("dx-kernel-turned", TO_X, TO_X.replace("kernel", "kernel[::-1, ::-1]"), ("kernel-flipped",)),
    Mistake("dx-kernel-turned-in-rows", TO_X, TO_X.replace("kernel", "kernel[::-1]"), ("kernel-flipped-in-one-axis",)),
    Mistake(
        "dx-first-filter",
        TO_X,
        "dx[:, h, w] = np.tensordot(block[..., :1], kernel[:, :, :1], 3)",
        ("only-first-filter",),
    ),
    Mistake("dx-first-tap", TO_X, "dx[:, h, w] = block[:, 0, 0] @ kernel[0, 0]", ("only-first-tap",)),
    Mistake("dx-without-stride", BLOCK, "block = dwhole[:, h : h + kh, w : w + kw]", ("stride-ignored",)),
    Mistake(
        "dx-strides-swapped",
        "x, kernel, (sh, sw), shape",
        "x, kernel, (sw, sh), shape",
        ("strides-swapped", "exception"),
    ),
    Mistake(
        "dy-not-placed",
        PLACED,
        "dwhole[:, : dy.shape[1], : dy.shape[2]] = dy",
        ("padding-ignored", "padding-only-after"),
    ),
    Mistake(
        "pads-swapped-back",
        "shape, (top, left) = cache",
        "shape, (left, top) = cache",
        ("paddings-swapped", "exception"),
    ),
    Mistake("dkernel-assigned", TO_KERNEL, TO_KERNEL.replace("+=", "="), ("only-last-position",)),
    Mistake(
        "dkernel-turned",
        TO_KERNEL,
        "dkernel += np.tensordot(block[:, ::-1, ::-1], x[:, h, w], (0, 0))",
        ("kernel-flipped",),
    ),
    Mistake(
        "dkernel-first-image",
        TO_KERNEL,
        "dkernel += np.tensordot(block[:1], x[:1, h, w], (0, 0))",
        ("only-first-image",),
    ),
    Mistake("dkernel-mean", RETURN, "return dx, dkernel / len(x), dy.sum(axis=(0, 1, 2))", ("wrong-factor",)),
    Mistake(
        "dkernel-as-in-conv2d",
        RETURN,
        "return dx, dkernel.swapaxes(2, 3), dy.sum(axis=(0, 1, 2))",
        ("kernel-channels-swapped", "transposed"),
    ),
    Mistake("dkernel-without-x", TO_KERNEL, "dkernel += block.sum(axis=0)[..., None]", ("image-ignored",)),
    Mistake("dbias-of-images", RETURN, "return dx, dkernel, dy.sum(axis=0)", ("bias-summed-over-wrong-axes",)),
    Mistake("dbias-mean", RETURN, "return dx, dkernel, dy.mean(axis=(0, 1, 2))", ("wrong-factor",)),
    Mistake(
        "dbias-of-filters",
        RETURN,
        "return dx, dkernel, dy.sum()",
        ("bias-summed-over-wrong-axes", "summed-to-a-scalar"),
    ),
    Mistake("dy-ignored", PLACED, PLACED.replace("= dy", "= 1"), ("upstream-ignored",)),
)
