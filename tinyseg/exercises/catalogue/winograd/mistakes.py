"""winograd: planted bugs."""

from __future__ import annotations

from ...exercise import Mistake

G_MATRIX = "np.array([[1, 0, 0], [0.5, 0.5, 0.5], [0.5, -0.5, 0.5], [0, 0, 1]])"
BT_MATRIX = "np.array([[1, 0, -1, 0], [0, 1, 1, 0], [0, -1, 1, 0], [0, 1, 0, -1]])"
AT_MATRIX = "np.array([[1, 1, 1, 0], [0, 1, -1, -1]])"
KERNEL = 'np.einsum("ai,ijcf,bj->abcf", G.astype(kernel.dtype), kernel, G.astype(kernel.dtype))'
IMAGE = 'np.einsum("ai,ntsijc,bj->ntsabc", BT.astype(x.dtype), tiles, BT.astype(x.dtype))'
PRODUCT = 'np.einsum("ntsabc,abcf->ntsabf", v, u)'
BACK = 'np.einsum("pa,ntsabf,qb->ntpsqf", AT.astype(m.dtype), m, AT.astype(m.dtype))'
CUT = "y = transform_back(m)[:, : x.shape[1] - 2, : x.shape[2] - 2] + bias"
FILLED = "(0, height % 2), (0, width % 2)"
COUNT = "th, tw = wide.shape[1] // 2 - 1, wide.shape[2] // 2 - 1"
TILE = "wide[:, 2 * t : 2 * t + 4, 2 * s : 2 * s + 4]"

MISTAKES = (
    # the kernel
    Mistake(
        "no-halves",
        G_MATRIX,
        "np.array([[1, 0, 0], [1, 1, 1], [1, -1, 1], [0, 0, 1]])",
        ("kernel-transform-without-halves",),
    ),
    Mistake("sign-in-g", "[0.5, -0.5, 0.5]", "[0.5, -0.5, -0.5]", ("kernel-transform-wrong",)),
    Mistake("sign-lost-in-g", "[0.5, -0.5, 0.5]", "[0.5, 0.5, 0.5]", ("kernel-transform-wrong",)),
    Mistake(
        "rows-of-g",
        "[0.5, 0.5, 0.5], [0.5, -0.5, 0.5]",
        "[0.5, -0.5, 0.5], [0.5, 0.5, 0.5]",
        ("kernel-transform-wrong",),
    ),
    Mistake("g-on-one-side", KERNEL, 'np.einsum("ai,ijcf->ajcf", G, kernel)', ("transform-on-one-side", "exception")),
    Mistake("kernel-transposed", KERNEL, KERNEL.replace("ijcf", "jicf"), ("kernel-height-and-width-swapped",)),
    Mistake("kernel-turned", KERNEL, KERNEL.replace("kernel, G", "kernel[::-1, ::-1], G"), ("kernel-flipped",)),
    Mistake(
        "kernel-turned-in-rows", KERNEL, KERNEL.replace("kernel, G", "kernel[::-1], G"), ("kernel-flipped-in-one-axis",)
    ),
    # the image
    Mistake("sign-in-b", "[0, -1, 1, 0]", "[0, 1, -1, 0]", ("image-transform-wrong",)),
    Mistake("last-row-of-b", "[0, 1, 0, -1]", "[0, -1, 0, 1]", ("image-transform-wrong",)),
    Mistake(
        "first-row-of-b", "[[1, 0, -1, 0], [0, 1, 1, 0]", "[[1, 0, 1, 0], [0, 1, 1, 0]", ("image-transform-wrong",)
    ),
    Mistake("b-for-its-transpose", BT_MATRIX, f"{BT_MATRIX}.T", ("image-transform-transposed",)),
    Mistake("b-on-one-side", IMAGE, 'np.einsum("ai,ntsijc->ntsajc", BT, tiles)', ("transform-on-one-side",)),
    Mistake("b-nowhere", IMAGE, "tiles", ("image-not-transformed",)),
    Mistake("tile-transposed", IMAGE, IMAGE.replace("ntsijc", "ntsjic"), ("tile-transposed",)),
    Mistake(
        "tiles-four-apart",
        TILE,
        "np.pad(wide, ((0, 0), (0, 2 * th), (0, 2 * tw), (0, 0)))[:, 4 * t : 4 * t + 4, 4 * s : 4 * s + 4]",
        ("tiles-at-the-wrong-step",),
    ),
    Mistake("tiles-one-apart", TILE, "wide[:, t : t + 4, s : s + 4]", ("tiles-at-the-wrong-step",)),
    Mistake("rows-do-not-move", TILE, "wide[:, :4, 2 * s : 2 * s + 4]", ("window-does-not-move",)),
    Mistake("t-for-s", TILE, "wide[:, 2 * t : 2 * t + 4, 2 * t : 2 * t + 4]", ("tiles-on-the-diagonal",)),
    Mistake(
        "whole-tiles-only", COUNT, "th, tw = (height - 2) // 2, (width - 2) // 2", ("tiles-rounded-down", "exception")
    ),
    Mistake("a-tile-too-many", FILLED, "(0, 2 - height % 2), (0, 2 - width % 2)", ("a-tile-too-many",)),
    Mistake("filled-up-before", FILLED, "(height % 2, 0), (width % 2, 0)", ("image-filled-up-before",)),
    Mistake("not-filled-up", FILLED, "(0, 0), (0, 0)", ("tiles-rounded-down", "exception")),
    Mistake(
        "height-for-width",
        COUNT,
        "th, tw = wide.shape[2] // 2 - 1, wide.shape[1] // 2 - 1",
        ("exception", "height-and-width-swapped"),
    ),
    # the products
    Mistake(
        "matrix-product", PRODUCT, 'np.einsum("ntsakc,kbcf->ntsabf", v, u)', ("matrix-product-instead-of-elementwise",)
    ),
    Mistake("first-channel", PRODUCT, 'np.einsum("ntsab,abf->ntsabf", v[..., 0], u[:, :, 0])', ("only-first-channel",)),
    Mistake("channels-averaged", PRODUCT, f"{PRODUCT} / x.shape[3]", ("channels-averaged", "wrong-factor")),
    Mistake("channels-apart", PRODUCT, "v[..., None] * u", ("channels-not-summed", "exception")),
    Mistake("channels-summed-first", PRODUCT, "v.sum(axis=-1)[..., None] * u.sum(axis=2)", ("channels-summed",)),
    Mistake("u-transposed", PRODUCT, PRODUCT.replace("abcf->", "bacf->"), ("tile-transposed",)),
    Mistake("first-filter", PRODUCT, PRODUCT.replace("v, u)", "v, u[..., :1] + 0 * u)"), ("first-filter-for-all",)),
    Mistake("bias-in-m", PRODUCT, f"{PRODUCT} + bias", ("bias-in-the-products",)),
    # back
    Mistake("sign-in-a", "[0, 1, -1, -1]", "[0, 1, -1, 1]", ("output-transform-wrong",)),
    Mistake("sign-in-a-2", "[0, 1, -1, -1]", "[0, 1, 1, -1]", ("output-transform-wrong",)),
    Mistake("row-of-a", "[1, 1, 1, 0]", "[1, 1, -1, 0]", ("output-transform-wrong",)),
    Mistake("not-interleaved", BACK, BACK.replace("->ntpsqf", "->ntspqf"), ("tiles-not-interleaved",)),
    Mistake("block-transposed", BACK, BACK.replace("->ntpsqf", "->ntqspf"), ("block-transposed",)),
    Mistake("bias-missing", CUT, CUT.replace(" + bias", ""), ("bias-missing",)),
    Mistake("bias-subtracted", CUT, CUT.replace("+ bias", "- bias"), ("bias-subtracted",)),
    Mistake(
        "bias-before",
        CUT,
        CUT.replace("(m)", "(m + bias)").replace(" + bias", "", 2).replace("(m)", "(m + bias)"),
        ("bias-before-the-output-transform",),
    ),
    Mistake("not-cut", CUT, "y = transform_back(m) + bias", ("output-not-cut-to-size",)),
    Mistake(
        "cut-at-the-start",
        CUT,
        "y = transform_back(m)[:, 2 - x.shape[1] :, 2 - x.shape[2] :] + bias",
        ("wrong-end-cut-off",),
    ),
    Mistake(
        "plain-convolution",
        "return u, v, m, y",
        "return np.zeros_like(u), np.zeros_like(v), np.zeros_like(m), y",
        ("all-zero",),
    ),
    Mistake("order", "return u, v, m, y", "return v, u, m, y", ("results-in-wrong-order",)),
    Mistake("y-alone", "return u, v, m, y", "return y", ("wrong-return",)),
    Mistake("x-changed", "return u, v, m, y", "x[...] = 0\n    return u, v, m, y", ("input-changed",)),
)
