"""stride_and_dilation: planted bugs."""

from __future__ import annotations

from ...exercise import Mistake

WINDOW = "x[:, h * sh : h * sh + span_h : dh, w * sw : w * sw + span_w : dw]"
SPANS = "span_h, span_w = (kh - 1) * dh + 1, (kw - 1) * dw + 1"
SIZE = "oh, ow = (height - span_h) // sh + 1, (width - span_w) // sw + 1"
PAIRS = "(sh, sw), (dh, dw) = strides, dilation_rate"
BACK = "x, kernel, (sh, sw), (dh, dw) = cache"
SPANS_BACK = "span_h, span_w = (kernel.shape[0] - 1) * dh + 1, (kernel.shape[1] - 1) * dw + 1"
ROWS = "rows = slice(h * sh, h * sh + span_h, dh)"
COLUMNS = "columns = slice(w * sw, w * sw + span_w, dw)"
BOTH = f"{ROWS}\n            {COLUMNS}"
TO_X = "dx[:, rows, columns] += np.tensordot(g, kernel, (1, 3))"
TO_KERNEL = "dkernel += np.tensordot(x[:, rows, columns], g, (0, 0))"
RETURN = "return dx, dkernel, dy.sum(axis=(0, 1, 2))"

MISTAKES = (
    # forward
    Mistake("stride-missing", WINDOW, "x[:, h : h + span_h : dh, w : w + span_w : dw]", ("stride-ignored",)),
    Mistake("stride-in-rows-only", WINDOW, WINDOW.replace("w * sw", "w"), ("stride-ignored-in-one-axis",)),
    Mistake("strides-swapped", PAIRS, "(sw, sh), (dh, dw) = strides, dilation_rate", ("strides-swapped",)),
    Mistake(
        "one-stride", PAIRS, "(sh, sw), (dh, dw) = (strides[0],) * 2, dilation_rate", ("one-stride-for-both-axes",)
    ),
    Mistake(
        "stride-and-dilation", PAIRS, "(dh, dw), (sh, sw) = strides, dilation_rate", ("stride-and-dilation-swapped",)
    ),
    Mistake("no-stride-at-all", PAIRS, "(sh, sw), (dh, dw) = (1, 1), dilation_rate", ("stride-ignored",)),
    Mistake("no-dilation-at-all", PAIRS, "(sh, sw), (dh, dw) = strides, (1, 1)", ("dilation-ignored",)),
    Mistake("dilations-swapped", PAIRS, "(sh, sw), (dw, dh) = strides, dilation_rate", ("dilations-swapped",)),
    Mistake(
        "one-dilation", PAIRS, "(sh, sw), (dh, dw) = strides, (dilation_rate[1],) * 2", ("one-dilation-for-both-axes",)
    ),
    Mistake(
        "dilation-one-more",
        PAIRS,
        "(sh, sw), (dh, dw) = strides, (dilation_rate[0] + 1, dilation_rate[1] + 1)",
        ("dilation-one-off",),
    ),
    Mistake(
        "stride-one-more",
        PAIRS,
        "(sh, sw), (dh, dw) = (strides[0] + 1, strides[1] + 1), dilation_rate",
        ("stride-one-off",),
    ),
    Mistake("taps-side-by-side", WINDOW, "x[:, h * sh : h * sh + kh, w * sw : w * sw + kw]", ("dilation-ignored",)),
    Mistake(
        "dilated-in-columns-only",
        WINDOW,
        "x[:, h * sh : h * sh + kh, w * sw : w * sw + span_w : dw]",
        ("dilation-ignored-in-one-axis",),
    ),
    Mistake(
        "size-of-a-small-window",
        SIZE,
        "oh, ow = (height - kh) // sh + 1, (width - kw) // sw + 1",
        ("output-size-ignores-dilation", "exception"),
    ),
    Mistake(
        "size-without-one",
        SIZE,
        "oh, ow = (height - span_h) // sh, (width - span_w) // sw",
        ("output-size-without-plus-one", "output-one-too-few"),
    ),
    Mistake(
        "size-rounded-up",
        SIZE,
        "oh, ow = -(-(height - span_h) // sh) + 1, -(-(width - span_w) // sw) + 1",
        ("output-size-rounded-up", "exception"),
    ),
    Mistake(
        "size-without-stride",
        SIZE,
        "oh, ow = height - span_h + 1, width - span_w + 1",
        ("exception", "output-size-ignores-the-stride"),
    ),
    Mistake("size-by-stride", SIZE, "oh, ow = height // sh, width // sw", ("exception", "output-size-rounded-down")),
    Mistake("span-too-long", SPANS, "span_h, span_w = kh * dh, kw * dw", ("window-span-too-long",)),
    Mistake("span-too-short", SPANS, "span_h, span_w = (kh - 1) * dh, (kw - 1) * dw", ("exception",)),
    Mistake("bias-missing", "kernel, 3) + bias", "kernel, 3)", ("bias-missing",)),
    Mistake("bias-subtracted", "kernel, 3) + bias", "kernel, 3) - bias", ("bias-subtracted",)),
    Mistake(
        "kernel-turned",
        "np.tensordot(window, kernel, 3)",
        "np.tensordot(window, kernel[::-1, ::-1], 3)",
        ("kernel-flipped",),
    ),
    Mistake(
        "window-turned",
        "np.tensordot(window, kernel, 3)",
        "np.tensordot(window[:, :, ::-1], kernel, 3)",
        ("kernel-flipped-in-one-axis",),
    ),
    # backward
    Mistake("strides-swapped-back", BACK, "x, kernel, (sw, sh), (dh, dw) = cache", ("strides-swapped",)),
    Mistake("dilations-swapped-back", BACK, "x, kernel, (sh, sw), (dw, dh) = cache", ("dilations-swapped",)),
    Mistake("no-stride-back", BOTH, BOTH.replace("h * sh", "h").replace("w * sw", "w"), ("stride-ignored",)),
    Mistake("stride-in-columns-only-back", ROWS, ROWS.replace("h * sh", "h"), ("stride-ignored-in-one-axis",)),
    Mistake(
        "no-dilation-back",
        BOTH,
        "rows = slice(h * sh, h * sh + kernel.shape[0])\n            columns = slice(w * sw, w * sw + kernel.shape[1])",
        ("dilation-ignored",),
    ),
    Mistake(
        "dilation-in-rows-only-back",
        COLUMNS,
        "columns = slice(w * sw, w * sw + kernel.shape[1])",
        ("dilation-ignored-in-one-axis",),
    ),
    Mistake(
        "stride-and-dilation-back", BACK, "x, kernel, (dh, dw), (sh, sw) = cache", ("stride-and-dilation-swapped",)
    ),
    Mistake(
        "stride-is-window-back",
        BOTH,
        BOTH.replace("sh", "kernel.shape[0]").replace("sw", "kernel.shape[1]"),
        ("stride-replaced-by-window", "exception"),
    ),
    Mistake("kernel-turned-back", TO_X, TO_X.replace("g, kernel,", "g, kernel[::-1, ::-1],"), ("kernel-not-flipped",)),
    Mistake("dx-assigned", TO_X, TO_X.replace("+=", "="), ("overlaps-overwritten",)),
    Mistake(
        "dx-first-filter",
        TO_X,
        "dx[:, rows, columns] += np.tensordot(g[:, :1], kernel[..., :1], (1, 3))",
        ("only-first-filter",),
    ),
    Mistake("dkernel-last-output", TO_KERNEL, TO_KERNEL.replace("+=", "="), ("only-last-position",)),
    Mistake(
        "dkernel-first-image",
        TO_KERNEL,
        "dkernel += np.tensordot(x[:1, rows, columns], g[:1], (0, 0))",
        ("only-first-image",),
    ),
    Mistake(
        "dkernel-mean", TO_KERNEL, "dkernel += np.tensordot(x[:, rows, columns], g, (0, 0)) / len(g)", ("wrong-factor",)
    ),
    Mistake(
        "dkernel-dense-window",
        TO_KERNEL,
        "dkernel += np.tensordot(x[:, h * sh : h * sh + len(kernel), w * sw : w * sw + kernel.shape[1]], g, (0, 0))",
        ("dilation-ignored",),
    ),
    Mistake("dbias-of-each-image", RETURN, "return dx, dkernel, dy.sum(axis=(1, 2))", ("bias-summed-over-wrong-axes",)),
    Mistake("dbias-mean", RETURN, "return dx, dkernel, dy.mean(axis=(0, 1, 2))", ("wrong-factor",)),
    Mistake("last-row-of-dy", "range(dy.shape[1])", "range(dy.shape[1] - 1)", ("last-row-missing",)),
    Mistake(
        "dx-ends-at-last-window",
        RETURN,
        "dx = dx[:, : (dy.shape[1] - 1) * sh + span_h, : (dy.shape[2] - 1) * sw + span_w]\n    " + RETURN,
        ("unreached-pixels-missing",),
    ),
    Mistake("x-changed", "return y, (x", "bias += 1\n    return y, (x", ("input-changed",)),
)
