"""conv2d_backward: planted bugs."""

from __future__ import annotations

from ...exercise import Mistake

TO_X = "dx[n, h + i, w + j, c] += kernel[i, j, c, f] * g"
TO_KERNEL = "dkernel[i, j, c, f] += x[n, h + i, w + j, c] * g"
TO_BIAS = "dbias[f] += g"
LOOPS = f"{' ' * 20}for i in range(kh):\n{' ' * 24}for j in range(kw):\n{' ' * 28}for c in range(channels):\n"
BIAS_THEN_LOOPS = f"{' ' * 20}dbias[f] += g\n{LOOPS}"
RETURN = "return dx, dkernel, dbias"

MISTAKES = (
    # dx
    Mistake("kernel-not-turned", TO_X, TO_X.replace("[i, j,", "[kh - 1 - i, kw - 1 - j,"), ("kernel-not-flipped",)),
    Mistake("kernel-turned-in-rows", TO_X, TO_X.replace("[i, j,", "[kh - 1 - i, j,"), ("kernel-flipped-in-one-axis",)),
    Mistake("kernel-transposed", TO_X, TO_X.replace("[i, j,", "[j, i,"), ("kernel-height-and-width-swapped",)),
    Mistake("dx-assigned", TO_X, TO_X.replace("+=", "="), ("assigned-instead-of-added",)),
    Mistake("dx-subtracted", TO_X, TO_X.replace("+=", "-="), ("sign-flipped",)),
    Mistake("dx-of-output", TO_X, TO_X.replace("h + i, w + j", "h, w"), ("tap-offset-missing",)),
    Mistake("dx-in-one-row", TO_X, TO_X.replace("h + i", "h"), ("tap-offset-missing",)),
    Mistake("dx-backwards", TO_X, TO_X.replace("h + i, w + j", "h - i, w - j"), ("tap-offset-subtracted",)),
    Mistake("dx-of-first-image", TO_X, TO_X.replace("dx[n", "dx[0"), ("all-in-the-first-image",)),
    Mistake("dx-of-first-channel", TO_X, TO_X.replace("j, c] +=", "j, 0] +="), ("all-in-the-first-channel",)),
    Mistake("dx-channel-and-filter", TO_X, TO_X.replace("c, f]", "f, c]"), ("kernel-channels-swapped",)),
    Mistake("dx-of-filter-0", TO_X, TO_X.replace("c, f]", "c, 0]"), ("first-filter-for-all",)),
    Mistake("dx-from-x", TO_X, TO_X.replace("kernel[i, j, c, f]", "x[n, h + i, w + j, c]"), ("wrong-array-used",)),
    Mistake("dx-without-dy", TO_X, TO_X.replace(" * g", ""), ("upstream-ignored",)),
    Mistake("dx-with-dy-twice", TO_X, TO_X.replace("* g", "* g * g"), ("upstream-squared",)),
    Mistake("dx-averaged", RETURN, "return dx / (kh * kw), dkernel, dbias", ("wrong-factor",)),
    Mistake("dx-by-batch", RETURN, "return dx / images, dkernel, dbias", ("wrong-factor",)),
    Mistake(
        "dx-sideways",
        TO_X,
        TO_X.replace("h + i, w + j", "h + j, w + i"),
        ("kernel-height-and-width-swapped", "window-height-and-width-swapped", "exception"),
    ),
    # dkernel
    Mistake("dkernel-assigned", TO_KERNEL, TO_KERNEL.replace("+=", "="), ("only-last-position",)),
    Mistake(
        "dkernel-turned",
        TO_KERNEL,
        TO_KERNEL.replace("[i, j,", "[kh - 1 - i, kw - 1 - j,"),
        ("kernel-gradient-flipped",),
    ),
    Mistake("dkernel-pixel-of-output", TO_KERNEL, TO_KERNEL.replace("h + i, w + j", "h, w"), ("tap-offset-missing",)),
    Mistake("dkernel-same-window", TO_KERNEL, TO_KERNEL.replace("h + i, w + j", "i, j"), ("window-does-not-move",)),
    Mistake("dkernel-first-image", TO_KERNEL, TO_KERNEL.replace("x[n", "x[0"), ("first-image-for-all",)),
    Mistake(
        "dkernel-first-channel",
        TO_KERNEL,
        TO_KERNEL.replace("w + j, c", "w + j, 0"),
        ("first-channel-for-all", "one-entry-for-all"),
    ),
    Mistake(
        "dkernel-from-kernel",
        TO_KERNEL,
        TO_KERNEL.replace("x[n, h + i, w + j, c]", "kernel[i, j, c, f]"),
        ("wrong-array-used",),
    ),
    Mistake("dkernel-without-dy", TO_KERNEL, TO_KERNEL.replace(" * g", ""), ("upstream-ignored",)),
    Mistake("dkernel-mean-of-images", RETURN, "return dx, dkernel / images, dbias", ("wrong-factor",)),
    Mistake("dkernel-mean-of-outputs", RETURN, "return dx, dkernel / (oh * ow), dbias", ("wrong-factor",)),
    Mistake(
        "dkernel-starts-at-kernel",
        "dkernel = np.zeros(kernel.shape, dy.dtype)",
        "dkernel = kernel.astype(dy.dtype)",
        ("extra-term",),
    ),
    # dbias
    Mistake("dbias-assigned", TO_BIAS, "dbias[f] = g", ("bias-gradient-of-one-part",)),
    Mistake("dbias-in-the-inner-loop", BIAS_THEN_LOOPS, f"{LOOPS}{' ' * 32}dbias[f] += g\n", ("wrong-factor",)),
    Mistake("dbias-of-filter-0", TO_BIAS, "dbias[0] += g", ("all-in-the-first-filter",)),
    Mistake("dbias-mean", RETURN, "return dx, dkernel, dbias / dy[..., 0].size", ("wrong-factor",)),
    Mistake(
        "dbias-of-all", RETURN, "return dx, dkernel, dy.sum()", ("bias-summed-over-wrong-axes", "summed-to-a-scalar")
    ),
    Mistake("dbias-is-dy", RETURN, "return dx, dkernel, dy", ("bias-not-summed",)),
    Mistake("dbias-keeps-axes", RETURN, "return dx, dkernel, dbias.reshape(1, 1, 1, -1)", ("bias-axes-kept",)),
    # all three
    Mistake("last-image", "range(images)", "range(images - 1)", ("last-image-missing",)),
    Mistake("last-row", "range(oh)", "range(oh - 1)", ("last-row-missing",)),
    Mistake("last-filter", "range(filters)", "range(filters - 1)", ("last-filter-missing",)),
    Mistake("last-tap-column", "range(kw)", "range(kw - 1)", ("last-tap-column-missing",)),
    Mistake("first-channel", "range(channels)", "range(1, channels)", ("first-channel-missing",)),
    Mistake("another-order", RETURN, "return dkernel, dx, dbias", ("results-in-wrong-order",)),
    Mistake("two-results", RETURN, "return dx, dkernel", ("wrong-return",)),
    Mistake(
        "written-into-x",
        "dx = np.zeros(x.shape, dy.dtype)",
        "dx = x\n    dx[...] = 0",
        ("input-changed", "cache-changed"),
    ),
    Mistake("dy-cut-off", "  g = dy[n, h, w, f]", "  g = max(dy[n, h, w, f], 0)", ("upstream-cut-off-at-zero",)),
)
