"""upsampling_bilinear: planted bugs."""

from __future__ import annotations

from ...exercise import Mistake

POSITION = "(np.arange(n * factor) + 0.5) / factor - 0.5"
PLACES = "np.clip(low, 0, n - 1), np.clip(low + 1, 0, n - 1)"
FIRST = "np.add.at(matrix, (np.arange(n * factor), first), 1 - t)"
SECOND = "np.add.at(matrix, (np.arange(n * factor), second), t)"
A, B = "weights(x.shape[1], size[0], x.dtype)", "weights(x.shape[2], size[1], x.dtype)"
Y, CACHE, DX = 'np.einsum("ah,bw,nhwc->nabc", a, b, x)', "return y, (a, b)", 'np.einsum("ah,bw,nabc->nhwc", a, b, dy)'
BOTH = f"{FIRST}\n    {SECOND}"

MISTAKES = (
    Mistake(
        "corners-aligned", POSITION, "np.arange(n * factor) * (n - 1) / max(n * factor - 1, 1)", ("corners-aligned",)
    ),
    Mistake("no-half-pixel", POSITION, "np.arange(n * factor) / factor", ("half-pixel-shift-missing",)),
    Mistake(
        "half-pixel-of-the-input-missing",
        POSITION,
        "(np.arange(n * factor) + 0.5) / factor",
        ("half-pixel-shift-missing",),
    ),
    Mistake(
        "half-pixel-of-the-output-missing",
        POSITION,
        "np.arange(n * factor) / factor - 0.5",
        ("half-pixel-shift-missing",),
    ),
    Mistake(
        "half-pixel-the-wrong-way",
        POSITION,
        "(np.arange(n * factor) - 0.5) / factor + 0.5",
        ("half-pixel-shift-wrong-way",),
    ),
    Mistake("factor-multiplied", POSITION, "(np.arange(n * factor) + 0.5) / n - 0.5", ("size-instead-of-factor",)),
    Mistake("rounded", "np.floor(position)", "np.round(position)", ("position-rounded",)),
    Mistake("cut-off", "np.floor(position)", "np.trunc(position)", ("position-truncated",)),
    Mistake("rounded-up", "np.floor(position)", "np.ceil(position)", ("position-rounded-up",)),
    Mistake("wraps-around", PLACES, "low % n, (low + 1) % n", ("border-not-clamped",)),
    Mistake(
        "mirrored",
        PLACES,
        "np.clip(np.abs(low), 0, n - 1), np.where(low + 1 < n, low + 1, max(n - 2, 0))",
        ("border-not-clamped",),
    ),
    Mistake(
        "first-neighbour-twice",
        PLACES,
        "np.clip(low, 0, n - 1), np.clip(low, 0, n - 1)",
        ("second-neighbour-missing",),
    ),
    Mistake("two-further", PLACES, "np.clip(low, 0, n - 1), np.clip(low + 2, 0, n - 1)", ("neighbours-one-off",)),
    Mistake("one-before", PLACES, "np.clip(low - 1, 0, n - 1), np.clip(low, 0, n - 1)", ("neighbours-one-off",)),
    Mistake(
        "weights-exchanged",
        BOTH,
        BOTH.replace("1 - t", "u").replace("t)", "t)").replace(", t)", ", 1 - t)").replace("u)", "t)"),
        ("weights-swapped",),
    ),
    Mistake("halves", BOTH, BOTH.replace("1 - t", "0.5").replace(", t)", ", 0.5)"), ("weights-halved",)),
    Mistake(
        "second-not-weighted", SECOND, "np.add.at(matrix, (np.arange(n * factor), second), 1)", ("weights-incomplete",)
    ),
    Mistake("second-forgotten", f"    {SECOND}\n", "", ("second-neighbour-missing",)),
    Mistake(
        "assigned-not-added",
        BOTH,
        "matrix[np.arange(n * factor), first] = 1 - t\n    matrix[np.arange(n * factor), second] = t",
        ("border-share-lost",),
    ),
    Mistake("squared-weights", "t = position - low", "t = (position - low) ** 2", ("weights-not-linear",)),
    Mistake(
        "smoothstep", "t = position - low", "t = position - low\n    t = t * t * (3 - 2 * t)", ("weights-not-linear",)
    ),
    Mistake(
        "sizes-exchanged",
        f"{A}\n    b = {B}",
        "weights(x.shape[1], size[1], x.dtype)\n    b = weights(x.shape[2], size[0], x.dtype)",
        ("factors-swapped",),
    ),
    Mistake("one-size-for-both", B, "weights(x.shape[2], size[0], x.dtype)", ("one-factor-for-both-axes",)),
    Mistake(
        "doubled-always",
        f"{A}\n    b = {B}",
        "weights(x.shape[1], 2, x.dtype)\n    b = weights(x.shape[2], 2, x.dtype)",
        ("factor-ignored",),
    ),
    Mistake(
        "columns-copied",
        B,
        "np.repeat(np.eye(x.shape[2], dtype=x.dtype), size[1], axis=0)",
        ("bilinear-in-one-axis-only",),
    ),
    Mistake(
        "nearest",
        f"{A}\n    b = {B}",
        "np.repeat(np.eye(x.shape[1], dtype=x.dtype), size[0], axis=0)\n"
        "    b = np.repeat(np.eye(x.shape[2], dtype=x.dtype), size[1], axis=0)",
        ("interpolation-ignored",),
    ),
    Mistake("axes-exchanged", Y, 'np.einsum("ah,bw,nhwc->nbac", a, b, x)', ("transposed", "height-and-width-swapped")),
    Mistake(
        "first-image-alone",
        Y,
        'np.einsum("ah,bw,hwc->abc", a, b, x[0])[None] * np.ones((len(x), 1, 1, 1), x.dtype)',
        ("one-entry-for-all", "first-image-for-all"),
    ),
    Mistake(
        "channels-summed",
        Y,
        'np.einsum("ah,bw,nhwc->nab", a, b, x)[..., None] * np.ones(x.shape[-1], x.dtype)',
        ("summed-over-an-axis", "channels-summed"),
    ),
    Mistake("added-up", Y, f"{Y} * size[0] * size[1]", ("wrong-factor",)),
    Mistake("averaged", DX, f"{DX} / (a.shape[0] // a.shape[1] * (b.shape[0] // b.shape[1]))", ("copies-averaged",)),
    Mistake(
        "weights-normalised",
        DX,
        'np.einsum("ah,bw,nabc->nhwc", a / a.sum(axis=0), b / b.sum(axis=0), dy)',
        ("backward-averages", "copies-averaged"),
    ),
    Mistake(
        "blocks-summed",
        DX,
        "dy.reshape(len(dy), a.shape[1], len(a) // a.shape[1], b.shape[1], len(b) // b.shape[1], -1).sum(axis=(2, 4))",
        ("interpolation-ignored",),
    ),
    Mistake("every-second", DX, "dy[:, :: len(a) // a.shape[1], :: len(b) // b.shape[1]].copy()", ("one-copy-only",)),
    Mistake(
        "weights-as-yes-and-no",
        DX,
        'np.einsum("ah,bw,nabc->nhwc", (a > 0) * a.dtype.type(1), (b > 0) * b.dtype.type(1), dy)',
        ("weights-missing-in-the-backward",),
    ),
    Mistake(
        "largest-weight-only",
        DX,
        'np.einsum("ah,bw,nabc->nhwc", np.where(a >= 0.5, a, 0), np.where(b >= 0.5, b, 0), dy)',
        ("one-neighbour-only-in-the-backward",),
    ),
    Mistake("dx-transposed", DX, 'np.einsum("ah,bw,nabc->nwhc", a, b, dy)', ("transposed", "height-and-width-swapped")),
    Mistake("minus", DX, f"-{DX}", ("sign-flipped",)),
    Mistake("dy-not-used", DX, 'np.einsum("ah,bw,nabc->nhwc", a, b, np.ones_like(dy))', ("upstream-ignored",)),
)
