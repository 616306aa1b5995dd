"""dropout: planted bugs."""

from __future__ import annotations

from ...exercise import Mistake

RNG, KEPT = "rng = np.random.default_rng(seed)", "rng.random(x.shape) >= rate"
SCALE, RETURN, DX = "(kept / (1 - rate)).astype(x.dtype)", "return x * scale, scale", "return dy * scale"

MISTAKES = (
    Mistake("not-scaled", SCALE, "kept.astype(x.dtype)", ("not-scaled",)),
    Mistake("scaled-by-the-rate", SCALE, "(kept / max(rate, 1e-300)).astype(x.dtype)", ("scaled-by-the-rate",)),
    Mistake("multiplied-by-the-rate", SCALE, "(kept * rate).astype(x.dtype)", ("scaled-by-the-rate",)),
    Mistake("multiplied-for-divided", SCALE, "(kept * (1 - rate)).astype(x.dtype)", ("scaled-the-wrong-way",)),
    Mistake("doubled", SCALE, "(kept * 2.0).astype(x.dtype)", ("scaled-as-for-another-rate",)),
    Mistake("by-what-was-kept", SCALE, "(kept / kept.mean()).astype(x.dtype)", ("scaled-by-what-was-kept",)),
    Mistake("one-plus-rate", SCALE, "(kept / (1 + rate)).astype(x.dtype)", ("one-plus",)),
    Mistake("root", SCALE, "(kept / np.sqrt(1 - rate)).astype(x.dtype)", ("scaled-by-the-root",)),
    Mistake("everything-scaled", SCALE, "np.full(x.shape, 1 / (1 - rate), x.dtype)", ("nothing-dropped",)),
    Mistake("inverted", KEPT, "rng.random(x.shape) < rate", ("mask-inverted",)),
    Mistake("normal-numbers", KEPT, "rng.standard_normal(x.shape) >= rate", ("wrong-share-dropped",)),
    Mistake("half", KEPT, "rng.random(x.shape) >= (0.5 if rate else 0)", ("wrong-share-dropped",)),
    Mistake("squared", KEPT, "rng.random(x.shape) ** 2 >= rate", ("wrong-share-dropped",)),
    Mistake("integers", KEPT, "rng.integers(0, 2, x.shape) >= rate", ("wrong-share-dropped",)),
    Mistake("by-columns", KEPT, "np.broadcast_to(rng.random(x.shape[-1]) >= rate, x.shape)", ("mask-shared",)),
    Mistake(
        "by-samples",
        KEPT,
        "np.broadcast_to((rng.random(len(x)) >= rate).reshape(-1, *[1] * (x.ndim - 1)), x.shape)",
        ("mask-shared",),
    ),
    Mistake(
        "one-decision",
        KEPT,
        "np.full(x.shape, rng.random() >= rate)",
        ("mask-shared", "wrong-share-dropped", "nothing-dropped"),
    ),
    Mistake("every-other", KEPT, "(np.arange(x.size).reshape(x.shape) % 10) >= 10 * rate", ("seed-ignored",)),
    Mistake("by-size", KEPT, "np.abs(x) >= np.quantile(np.abs(x), rate)", ("seed-ignored",)),
    Mistake("no-seed", RNG, "rng = np.random.default_rng()", ("mask-not-reproducible",)),
    Mistake(
        "global-generator",
        f"{RNG}\n    kept = {KEPT}",
        "kept = np.random.rand(*x.shape) >= rate",
        ("mask-not-reproducible",),
    ),
    Mistake("seed-or-none", RNG, "rng = np.random.default_rng(seed or None)", ("mask-not-reproducible",)),
    Mistake("seed-fixed", RNG, "rng = np.random.default_rng(42)", ("seed-ignored",)),
    Mistake(
        "noise", RETURN, "return x * (scale + 0.1 * rng.standard_normal(x.shape)), scale", ("noise-instead-of-mask",)
    ),
    Mistake("mask-for-y", RETURN, "return scale.copy(), scale", ("only-ones",)),
    Mistake("x-in-place", RETURN, "x *= scale\n    return x, scale", ("input-changed",)),
    Mistake(
        "scaled-in-y-alone", RETURN, "return x * scale, (scale > 0).astype(x.dtype)", ("not-scaled", "wrong-factor")
    ),
    Mistake("scaled-again", RETURN, "return x * scale, scale**2", ("scaled-twice", "wrong-factor")),
    Mistake("y-cached", RETURN, "y = x * scale\n    return y, y", ("multiplied-by-the-value",)),
    Mistake("x-cached", RETURN, "return x * scale, scale * x", ("multiplied-by-the-value",)),
    Mistake(
        "read-off-y",
        RETURN,
        "y = x * scale\n    return y, np.where(y != 0, scale.max(), 0)",
        ("mask-read-off-the-result",),
    ),
    Mistake(
        "drawn-again",
        RETURN,
        "return x * scale, ((rng.random(x.shape) >= rate) / (1 - rate)).astype(x.dtype)",
        ("mask-drawn-anew",),
    ),
    Mistake(
        "first-row-for-all",
        RETURN,
        "return x * scale, np.broadcast_to(scale[:1], x.shape)",
        ("mask-of-one-for-all", "mask-drawn-anew"),
    ),
    Mistake("no-mask-in-backward", DX, "return dy.copy()", ("mask-missing",)),
    Mistake("scaled-without-mask", DX, "return dy * scale.max()", ("mask-missing",)),
    Mistake("inverted-in-backward", DX, "return dy * (scale == 0)", ("mask-inverted",)),
    Mistake("mask-alone-in-backward", DX, "return scale.copy()", ("only-ones",)),
    Mistake("dy-in-place", DX, "dy *= scale\n    return dy", ("input-changed",)),
)
