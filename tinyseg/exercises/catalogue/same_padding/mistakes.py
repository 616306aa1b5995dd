"""same_padding: planted bugs."""

from __future__ import annotations

from ...exercise import Mistake

OUT = "out = -(-n // s)"
SPAN = "span = (k - 1) * d + 1"
TOTAL = "total = max((out - 1) * s + span - n, 0)"
PAIR = "pads.append((total // 2, total - total // 2))"
NUMBERS = "s, d = strides[axis], dilation_rate[axis]"
RETURN = "return np.pad(x, pads)"

MISTAKES = (
    Mistake("outputs-rounded-down", OUT, "out = n // s", ("output-size-rounded-down",)),
    Mistake("outputs-plus-one", OUT, "out = n // s + 1", ("output-one-too-many",)),
    Mistake("outputs-without-stride", OUT, "out = n", ("output-size-ignores-the-stride",)),
    Mistake(
        "outputs-of-valid", OUT, "out = (n - (k - 1) * d - 1) // s + 1", ("output-size-of-valid", "padding-ignored")
    ),
    Mistake("outputs-one-less", OUT, "out = (n - 1) // s", ("output-one-too-few",)),
    Mistake("dilation-forgotten", SPAN, "span = k", ("padding-not-for-the-dilation",)),
    Mistake("span-times-dilation", SPAN, "span = k * d", ("window-span-too-long",)),
    Mistake("span-without-one", SPAN, "span = (k - 1) * d", ("window-span-one-off", "padding-one-off")),
    Mistake("dilation-added", SPAN, "span = k + d", ("dilation-added-instead-of-multiplied",)),
    Mistake("dilation-added-less-one", SPAN, "span = k + d - 1", ("dilation-added-instead-of-multiplied",)),
    Mistake("holes-counted", SPAN, "span = (k - 1) * (d + 1) + 1", ("dilation-one-off",)),
    Mistake("stride-forgotten", TOTAL, "total = span - 1", ("padding-not-for-the-stride",)),
    Mistake("stride-forgotten-once", TOTAL, "total = max((out - 1) + span - n, 0)", ("padding-not-for-the-stride",)),
    Mistake("last-window-forgotten", TOTAL, "total = max(out * s - n, 0)", ("padding-not-for-the-stride",)),
    Mistake("size-forgotten", TOTAL, "total = (out - 1) * s + span", ("image-size-forgotten",)),
    Mistake("one-output-more", TOTAL, "total = max(out * s + span - n, 0)", ("output-one-too-many",)),
    Mistake("magnitude", TOTAL, "total = abs((out - 1) * s + span - n)", ("negative-padding",)),
    Mistake("at-least-one", TOTAL, "total = max((out - 1) * s + span - n, 1)", ("negative-padding", "padding-one-off")),
    Mistake("no-maximum", TOTAL, "total = (out - 1) * s + span - n", ("exception", "negative-padding")),
    Mistake(
        "one-too-many",
        TOTAL,
        "total = max((out - 1) * s + span - n + 1, 0)",
        ("padding-one-off", "window-span-one-off"),
    ),
    Mistake("half-the-kernel", TOTAL, "total = 2 * (k // 2)", ("padding-of-the-window-only",)),
    Mistake("half-the-kernel-rounded-down", TOTAL, "total = 2 * ((k - 1) // 2)", ("padding-of-the-window-only",)),
    Mistake("extra-one-before", PAIR, "pads.append((total - total // 2, total // 2))", ("padding-at-the-wrong-end",)),
    Mistake("both-rounded-down", PAIR, "pads.append((total // 2, total // 2))", ("padding-symmetric",)),
    Mistake("both-rounded-up", PAIR, "pads.append(((total + 1) // 2, (total + 1) // 2))", ("padding-symmetric",)),
    Mistake("not-halved", PAIR, "pads.append((total, total))", ("padding-not-halved",)),
    Mistake("all-before", PAIR, "pads.append((total, 0))", ("padding-only-before",)),
    Mistake("all-after", PAIR, "pads.append((0, total))", ("padding-only-after",)),
    Mistake("rounded", PAIR, "pads.append((round(total / 2), total - round(total / 2)))", ("padding-rounded-to-even",)),
    Mistake("width-first", "x.shape[1 + axis]", "x.shape[2 - axis]", ("height-and-width-swapped",)),
    Mistake("kernel-swapped", "kernel_size[axis]", "kernel_size[1 - axis]", ("window-height-and-width-swapped",)),
    Mistake("strides-swapped", "strides[axis]", "strides[1 - axis]", ("strides-swapped",)),
    Mistake("one-stride", "strides[axis]", "strides[0]", ("one-stride-for-both-axes",)),
    Mistake("dilations-swapped", "dilation_rate[axis]", "dilation_rate[1 - axis]", ("dilations-swapped",)),
    Mistake("stride-and-dilation", NUMBERS, NUMBERS.replace("s, d", "d, s"), ("stride-and-dilation-swapped",)),
    Mistake(
        "rows-for-columns",
        RETURN,
        "return np.pad(x, [(0, 0), pads[1], pads[1], (0, 0)])",
        ("padding-of-one-axis-for-both",),
    ),
    Mistake("pads-swapped", RETURN, "return np.pad(x, pads[::-1])", ("paddings-swapped",)),
    Mistake(
        "columns-only",
        RETURN,
        "return np.pad(x, [(0, 0), (0, 0), pads[2], (0, 0)])",
        ("padding-ignored", "padding-ignored-in-one-axis"),
    ),
    Mistake(
        "rows-only",
        RETURN,
        "return np.pad(x, [(0, 0), pads[1], (0, 0), (0, 0)])",
        ("padding-ignored", "padding-ignored-in-one-axis"),
    ),
    Mistake("images-and-rows", RETURN, "return np.pad(x, [*pads[1:], (0, 0)])", ("padding-at-the-wrong-axes",)),
    Mistake("edge", RETURN, 'return np.pad(x, pads, mode="edge")', ("padding-repeats-the-edge",)),
    Mistake("ones", RETURN, "return np.pad(x, pads, constant_values=1)", ("padding-of-ones",)),
    Mistake("wrap", RETURN, 'return np.pad(x, pads, mode="wrap")', ("image-wraps-around",)),
    Mistake("nothing", RETURN, "return x", ("padding-ignored",)),
    Mistake("image-not-put-in", RETURN, "return np.zeros_like(np.pad(x, pads))", ("only-the-padding", "all-zero")),
    Mistake("x-changed", RETURN, "y = np.pad(x, pads)\n    x *= 0\n    return y", ("input-changed",)),
)
