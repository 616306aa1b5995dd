"""otsu_threshold: planted bugs."""

from __future__ import annotations

from ...exercise import Mistake

VARIANCE = "variances[t] = n0 * n1 * (m0 - m1) ** 2"
MEAN0 = "m0 = (dark * levels[: t + 1]).sum() / n0"
MEAN1 = "m1 = (bright * levels[t + 1 :]).sum() / n1"
COUNTS = "    counts = np.bincount(image.ravel(), minlength=256).astype(float)\n"
RETURN = "    return int(np.argmax(variances))\n"
LOOP = "for t in range(255):"
NOT_EMPTY = "if n0 * n1 > 0:"


def _variance(name: str, after: str, *causes: str) -> Mistake:
    return Mistake(name, VARIANCE, "variances[t] = " + after, causes)


def _return(name: str, after: str, *causes: str) -> Mistake:
    return Mistake(name, RETURN, f"    return {after}\n", causes)


MISTAKES = (
    _variance("no-weights", "(m0 - m1) ** 2", "weights-missing"),
    _variance("weight-of-the-dark-class", "n0 * (m0 - m1) ** 2", "weight-of-one-class-only"),
    _variance("weight-of-the-bright-class", "n1 * (m0 - m1) ** 2", "weight-of-one-class-only"),
    _variance("weights-added", "(n0 + n1) * (m0 - m1) ** 2", "weights-added", "weights-missing"),
    _variance("all-squared", "(n0 * n1 * (m0 - m1)) ** 2", "weights-squared"),
    _variance("not-squared", "n0 * n1 * abs(m0 - m1)", "weights-squared", "difference-not-squared"),
    _variance("means-added", "n0 * n1 * (m0 + m1) ** 2", "means-added"),
    _variance("no-means", "n0 * n1", "means-missing"),
    _variance("divided", "(m0 - m1) ** 2 / (n0 * n1)", "divided-by-the-weights"),
    _variance("turned-round", "-n0 * n1 * (m0 - m1) ** 2", "empty-class-divides-by-zero"),
    _variance(
        "weights-in-percent",
        "round(n0 / image.size, 2) * round(n1 / image.size, 2) * (m0 - m1) ** 2",
        "weights-rounded",
    ),
    _variance("whole-weights", "n0 // image.size * (n1 // image.size) * (m0 - m1) ** 2", "all-zero"),
    Mistake("means-by-all-pixels-0", MEAN0, MEAN0.replace("/ n0", "/ image.size"), ("means-divided-by-all-pixels",)),
    Mistake("sums-0", MEAN0, MEAN0.replace(" / n0", ""), ("sums-instead-of-means",)),
    Mistake("sums-1", MEAN1, MEAN1.replace(" / n1", ""), ("sums-instead-of-means",)),
    Mistake("divisors-of-the-other-class", MEAN0, MEAN0.replace("/ n0", "/ n1"), ("sums-swapped",)),
    Mistake("rounded-mean", MEAN0, MEAN0.replace("/ n0", "// n0"), ("integer-division",)),
    Mistake("mean-of-the-levels", MEAN0, "m0 = levels[: t + 1].mean()", ("means-of-levels",)),
    Mistake(
        "mean-of-everything", MEAN1, "m1 = (counts * levels).sum() / image.size", ("total-mean-instead-of-class-mean",)
    ),
    Mistake(
        "levels-of-the-dark-class", MEAN1, "m1 = (bright * levels[: 255 - t]).sum() / n1", ("bright-levels-from-zero",)
    ),
    Mistake("empty-classes-too", NOT_EMPTY, "if True:", ("empty-class-divides-by-zero",)),
    Mistake("t-in-both-classes", "counts[: t + 1], counts[t + 1 :]", "counts[: t + 1], counts[t:]", ("exception",)),
    _return("smallest", "int(np.argmin(variances))", "empty-class-divides-by-zero"),
    _return(
        "worst-split",
        "int(np.argmin(np.where(variances > 0, variances, np.inf)))",
        "smallest-instead-of-largest",
    ),
    _return("last-split", "int(np.flatnonzero(variances).max(initial=0))", "best-not-kept"),
    _return("variance-returned", "variances.max() / image.size**2", "variance-returned"),
    _return("all-variances", "variances", "criterion-returned"),
    _return("one-too-high", "int(np.argmax(variances)) + 1", "threshold-one-too-high"),
    _return("one-too-low", "int(np.argmax(variances)) - 1", "threshold-one-too-low"),
    _return("share", "np.argmax(variances) / 255", "between-0-and-1"),
    _return("mask", "image > np.argmax(variances)", "image-returned"),
    _return("mean-of-the-image", "image.mean()", "mean-instead-of-otsu"),
    _return("from-the-darkest", "int(np.argmax(variances)) - int(image.min())", "counted-from-the-darkest-level"),
    Mistake("half-of-the-levels", LOOP, "for t in range(128):", ("search-ends-early",)),
    Mistake("last-split-forgotten", LOOP, "for t in range(254):", ("search-ends-early",)),
    Mistake(
        "stops-at-a-hill",
        VARIANCE,
        VARIANCE + "\n            if t > 0 and variances[t] < variances[t - 1]:\n                break",
        ("stops-at-the-first-maximum",),
    ),
    Mistake("zeros-left-out", COUNTS, COUNTS + "    counts[0] = 0\n", ("levels-left-out",)),
    Mistake("sixteen-bins", COUNTS, COUNTS.replace("image.ravel()", "image.ravel() // 16 * 16"), ("too-few-bins",)),
    Mistake("levels-once", COUNTS, COUNTS.replace("image.ravel()", "np.unique(image)"), ("levels-counted-once",)),
    Mistake("first-row", COUNTS, COUNTS.replace("image.ravel()", "image[0]"), ("only-a-row",)),
    Mistake("inverted", COUNTS, COUNTS.replace("image.ravel()", "255 - image.ravel()"), ("image-inverted",)),
    Mistake(
        "counts-of-8-bits",
        COUNTS,
        COUNTS.replace("astype(float)", 'astype("uint8")'),
        ("integer-overflow", "exception"),
    ),
)
