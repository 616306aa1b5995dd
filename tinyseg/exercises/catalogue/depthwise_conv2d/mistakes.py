"""depthwise_conv2d: planted bugs."""

from __future__ import annotations

from ...exercise import Mistake

WINDOW = "x[:, h * sh : h * sh + kh, w * sw : w * sw + kw, :]"
SUM = "(window[..., None] * kernel).sum(axis=(1, 2))"
LAST = "y.reshape(images, oh, ow, channels * multiplier) + bias"
SPLIT = "split = dy.reshape(images, oh, ow, channels, multiplier)"
PLACE = "(slice(None), slice(h * sh, h * sh + kh), slice(w * sw, w * sw + kw))"
TO_X = "dx[place] += (g * kernel).sum(axis=-1)"
TO_KERNEL = "dkernel += (g * x[place][..., None]).sum(axis=0)"
RETURN = "return dx, dkernel, dy.sum(axis=(0, 1, 2))"

MISTAKES = (
    # forward
    Mistake("channels-summed", SUM, "(window[..., None] * kernel).sum(axis=(1, 2, 3))[:, None]", ("channels-summed",)),
    Mistake("mean-of-window", SUM, SUM.replace("sum", "mean"), ("product-scaled",)),
    Mistake("kernel-turned", SUM, SUM.replace("kernel", "kernel[::-1, ::-1]"), ("kernel-flipped",)),
    Mistake("kernel-turned-in-rows", SUM, SUM.replace("kernel", "kernel[::-1]"), ("kernel-flipped-in-one-axis",)),
    Mistake("kernel-of-channel-0", SUM, SUM.replace("kernel", "kernel[:, :, :1]"), ("first-channel-for-all",)),
    Mistake("kernel-0-of-each", SUM, SUM.replace("kernel", "kernel[..., :1]"), ("first-multiplier-for-all",)),
    Mistake(
        "channel-0-only",
        SUM,
        SUM.replace("window", "window[..., :1]").replace(":1][..., None]", ":1, None]"),
        ("first-channel-for-all",),
    ),
    Mistake(
        "window-of-one-row", SUM, "(window[:, :1, :, :, None] * kernel[:1]).sum(axis=(1, 2))", ("only-first-tap-row",)
    ),
    Mistake("sum-over-rows-only", SUM, "(window[..., None] * kernel).sum(axis=1)[:, 0]", ("only-first-tap-column",)),
    Mistake(
        "multiplier-first",
        LAST,
        "y.swapaxes(3, 4).reshape(images, oh, ow, channels * multiplier) + bias",
        ("multiplier-order",),
    ),
    Mistake("bias-missing", LAST, LAST.replace(" + bias", ""), ("bias-missing",)),
    Mistake("bias-subtracted", LAST, LAST.replace("+ bias", "- bias"), ("bias-subtracted",)),
    Mistake(
        "bias-of-input-channel",
        LAST,
        LAST.replace("bias", "np.repeat(bias[:channels], multiplier)"),
        ("bias-of-another-channel",),
    ),
    Mistake(
        "bias-of-multiplier",
        LAST,
        LAST.replace("bias", "np.tile(bias[:multiplier], channels)"),
        ("bias-of-another-channel",),
    ),
    Mistake("bias-in-the-loop", SUM, f"{SUM} + bias.reshape(channels, multiplier)", ("bias-added-repeatedly",)),
    Mistake("stride-missing", WINDOW, "x[:, h : h + kh, w : w + kw, :]", ("stride-ignored",)),
    Mistake(
        "stride-is-window",
        WINDOW,
        "x[:, h * kh : h * kh + kh, w * kw : w * kw + kw, :]",
        ("stride-replaced-by-window", "exception"),
    ),
    Mistake("strides-swapped", "sh, sw = strides", "sw, sh = strides", ("strides-swapped",)),
    Mistake("one-stride", "sh, sw = strides", "sh = sw = strides[0]", ("one-stride-for-both-axes",)),
    Mistake(
        "size-without-one",
        "(height - kh) // sh + 1, (width - kw) // sw + 1",
        "(height - kh) // sh, (width - kw) // sw",
        ("output-size-without-plus-one", "output-one-too-few"),
    ),
    Mistake(
        "last-column",
        "for w in range(ow):\n            window",
        "for w in range(ow - 1):\n            window",
        ("last-column-missing",),
    ),
    Mistake(
        "axes-kept",
        f"return {LAST}",
        "return y + bias.reshape(channels, multiplier)",
        ("right-numbers-in-another-shape",),
    ),
    # backward
    Mistake(
        "multiplier-first-back",
        SPLIT,
        "split = dy.reshape(images, oh, ow, multiplier, channels).swapaxes(3, 4)",
        ("multiplier-order",),
    ),
    Mistake("dx-first-kernel", TO_X, "dx[place] += (g * kernel)[..., 0]", ("multiplier-not-summed",)),
    Mistake("dx-mean-of-kernels", TO_X, TO_X.replace("sum", "mean"), ("multiplier-averaged",)),
    Mistake("dx-channels-mixed", TO_X, "dx[place] += (g * kernel).sum(axis=(-1, -2))[..., None]", ("channels-summed",)),
    Mistake("dx-assigned", TO_X, TO_X.replace("+=", "="), ("overlaps-overwritten",)),
    Mistake("dx-kernel-turned", TO_X, TO_X.replace("kernel", "kernel[::-1, ::-1]"), ("kernel-not-flipped",)),
    Mistake(
        "dx-kernel-turned-in-columns", TO_X, TO_X.replace("kernel", "kernel[:, ::-1]"), ("kernel-flipped-in-one-axis",)
    ),
    Mistake("dx-without-kernel", TO_X, "dx[place] += g.sum(axis=-1)", ("kernel-ignored",)),
    Mistake("dkernel-last-output", TO_KERNEL, TO_KERNEL.replace("+=", "="), ("only-last-position",)),
    Mistake("dkernel-mean-of-images", TO_KERNEL, TO_KERNEL.replace("sum", "mean"), ("wrong-factor",)),
    Mistake("dkernel-first-image", TO_KERNEL, TO_KERNEL.replace(".sum(axis=0)", "[0]"), ("only-first-image",)),
    Mistake(
        "dkernel-without-dy",
        TO_KERNEL,
        "dkernel += (np.ones_like(g) * x[place][..., None]).sum(axis=0)",
        ("upstream-ignored",),
    ),
    Mistake(
        "dkernel-channel-0",
        TO_KERNEL,
        TO_KERNEL.replace("x[place][..., None]", "x[place][..., :1, None]"),
        ("first-channel-for-all", "one-entry-for-all"),
    ),
    Mistake(
        "dbias-per-channel",
        RETURN,
        "return dx, dkernel, split.sum(axis=(0, 1, 2, 4))",
        ("bias-summed-over-wrong-axes",),
    ),
    Mistake(
        "dbias-per-multiplier",
        RETURN,
        "return dx, dkernel, split.sum(axis=(0, 1, 2, 3))",
        ("bias-summed-over-wrong-axes",),
    ),
    Mistake("dbias-mean", RETURN, "return dx, dkernel, dy.mean(axis=(0, 1, 2))", ("wrong-factor",)),
    Mistake(
        "dbias-apart", RETURN, "return dx, dkernel, split.sum(axis=(0, 1, 2))", ("right-numbers-in-another-shape",)
    ),
    Mistake("stride-missing-back", PLACE, "(slice(None), slice(h, h + kh), slice(w, w + kw))", ("stride-ignored",)),
    Mistake("stride-in-rows-only-back", PLACE, PLACE.replace("w * sw", "w"), ("stride-ignored-in-one-axis",)),
    Mistake("strides-swapped-back", "x, kernel, (sh, sw) = cache", "x, kernel, (sw, sh) = cache", ("strides-swapped",)),
    Mistake("x-in-dx", TO_X, "dx[place] += (g * x[place][..., None]).sum(axis=-1)", ("wrong-array-used",)),
    Mistake("x-changed", RETURN, f"x[...] = dx\n    {RETURN}", ("input-changed", "cache-changed")),
)
