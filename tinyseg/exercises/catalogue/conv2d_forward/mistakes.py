"""conv2d_forward: planted bugs."""

from __future__ import annotations

from ...exercise import Mistake

PRODUCT = "x[n, h + i, w + j, c] * kernel[i, j, c, f]"
SUM = f"y[n, h, w, f] += {PRODUCT}\n"
RETURN = "return y + bias"
PIXEL = "x[n, h + i, w + j, c]"
TAP = "kernel[i, j, c, f]"

MISTAKES = (
    Mistake("kernel-turned", TAP, "kernel[kh - 1 - i, kw - 1 - j, c, f]", ("kernel-flipped",)),
    Mistake("kernel-turned-in-rows", TAP, "kernel[kh - 1 - i, j, c, f]", ("kernel-flipped-in-one-axis",)),
    Mistake("kernel-turned-by-index", TAP, "kernel[-i, -j, c, f]", ("kernel-index-negative",)),
    Mistake("kernel-transposed", TAP, "kernel[j, i, c, f]", ("kernel-height-and-width-swapped",)),
    Mistake("channel-axes-swapped", TAP, "kernel[i, j, f, c]", ("kernel-channels-swapped",)),
    Mistake("first-channel-of-kernel", TAP, "kernel[i, j, 0, f]", ("first-channel-for-all",)),
    Mistake("first-filter", TAP, "kernel[i, j, c, 0]", ("first-filter-for-all",)),
    Mistake("first-channel-of-image", PIXEL, "x[n, h + i, w + j, 0]", ("first-channel-for-all",)),
    Mistake("first-image", PIXEL, "x[0, h + i, w + j, c]", ("first-image-for-all", "one-entry-for-all")),
    Mistake("h-and-w-swapped", PIXEL, "x[n, w + j, h + i, c]", ("height-and-width-swapped",)),
    Mistake(
        "window-read-sideways",
        PIXEL,
        "x[n, h + j, w + i, c]",
        ("window-height-and-width-swapped", "kernel-height-and-width-swapped"),
    ),
    Mistake("window-does-not-move-down", PIXEL, "x[n, i, w + j, c]", ("window-does-not-move",)),
    Mistake("window-of-one-row", PIXEL, "x[n, h, w + j, c]", ("tap-offset-missing",)),
    Mistake("minus-tap", PIXEL, "x[n, h - i, w - j, c]", ("negative-index-wraps", "tap-offset-subtracted")),
    Mistake("side-by-side", PIXEL, "x[n, h * kh + i, w * kw + j, c]", ("exception", "stride-replaced-by-window")),
    Mistake("bias-forgotten", RETURN, "return y", ("bias-missing",)),
    Mistake("bias-of-filter-0", RETURN, "return y + bias[0]", ("bias-one-for-all",)),
    Mistake("bias-in-each-product", SUM, SUM.replace("\n", " + bias[f]\n"), ("bias-added-repeatedly",)),
    Mistake("bias-minus", RETURN, "return y - bias", ("bias-subtracted",)),
    Mistake("bias-multiplies", RETURN, "return y * bias", ("bias-multiplied",)),
    Mistake("last-product-only", SUM, SUM.replace("+=", "="), ("only-last-position",)),
    Mistake("sum-runs-on", RETURN, "return np.cumsum(y, axis=2) + bias", ("accumulated",)),
    Mistake(
        "output-one-short",
        "height - kh + 1, width - kw + 1",
        "height - kh, width - kw",
        ("output-size-without-plus-one", "output-one-too-few"),
    ),
    Mistake(
        "height-one-short", "height - kh + 1", "height - kh", ("output-one-too-few", "output-size-without-plus-one")
    ),
    Mistake(
        "output-of-height",
        "height - kh + 1, width - kw + 1",
        "height - kh + 1, height - kh + 1",
        ("height-and-width-swapped", "exception", "output-square-assumed"),
    ),
    Mistake("last-tap-row", "for i in range(kh)", "for i in range(kh - 1)", ("last-tap-row-missing",)),
    Mistake("first-tap-column", "for j in range(kw)", "for j in range(1, kw)", ("first-tap-column-missing",)),
    Mistake("last-image", "for n in range(images)", "for n in range(images - 1)", ("last-image-missing",)),
    Mistake("last-row", "for h in range(oh)", "for h in range(oh - 1)", ("last-row-missing",)),
    Mistake("last-channel", "for c in range(channels)", "for c in range(channels - 1)", ("last-channel-missing",)),
    Mistake("last-filter", "for f in range(filters)", "for f in range(filters - 1)", ("last-filter-missing",)),
    Mistake("mean", RETURN, "return (y + bias) / (kh * kw)", ("wrong-factor",)),
    Mistake("mean-before-bias", RETURN, "return y / (kh * kw * channels) + bias", ("product-scaled",)),
    Mistake("relu", RETURN, "return np.maximum(y + bias, 0)", ("negative-part-lost",)),
    Mistake("integers", RETURN, "return (y + bias).astype(int)", ("truncated-to-integers",)),
    Mistake("returned-early", RETURN, f"    {RETURN}", ("only-first-image",)),
    Mistake("sum-of-sums", PRODUCT, "(x[n, h + i, w + j, c] + kernel[i, j, c, f])", ("sum-instead-of-product",)),
    Mistake("square", PRODUCT, "x[n, h + i, w + j, c] ** 2 * kernel[i, j, c, f]", ("pixels-squared",)),
    Mistake("bias-changed", RETURN, "y = y + bias\n    bias += 1\n    return y", ("input-changed",)),
)
