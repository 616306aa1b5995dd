"""otsu_threshold: planted bugs."""

from __future__ import annotations

from ...exercise import Mistake

VARIANCE = "variance = w0 * w1 * (m0 - m1) ** 2"
MEAN0 = "m0 = (dark * levels[: t + 1]).sum() / n0"
MEAN1 = "m1 = (bright * levels[t + 1 :]).sum() / n1"
COUNTS = "    counts = np.bincount(image.ravel(), minlength=256)\n"
BETTER = "        if variance > best:\n            best, threshold = variance, t\n"
RETURN = "    return threshold\n"
WEIGHTS = "w0, w1 = n0 / image.size, n1 / image.size"
LOOP = "for t in range(255):"


def _variance(name: str, after: str, *causes: str) -> Mistake:
    return Mistake(name, VARIANCE, "variance = " + after, causes)


MISTAKES = (
    _variance("no-weights", "(m0 - m1) ** 2", "weights-missing"),
    _variance("weight-of-the-dark-class", "w0 * (m0 - m1) ** 2", "weight-of-one-class-only"),
    _variance("weight-of-the-bright-class", "w1 * (m0 - m1) ** 2", "weight-of-one-class-only"),
    _variance("weights-added", "(w0 + w1) * (m0 - m1) ** 2", "weights-added", "weights-missing"),
    _variance("all-squared", "(w0 * w1 * (m0 - m1)) ** 2", "weights-squared"),
    _variance("not-squared", "w0 * w1 * abs(m0 - m1)", "weights-squared", "difference-not-squared"),
    _variance("means-added", "w0 * w1 * (m0 + m1) ** 2", "means-added"),
    _variance("no-means", "w0 * w1", "means-missing"),
    _variance("divided", "(m0 - m1) ** 2 / (w0 * w1)", "divided-by-the-weights"),
    Mistake("means-by-all-pixels-0", MEAN0, MEAN0.replace("/ n0", "/ image.size"), ("means-divided-by-all-pixels",)),
    Mistake("sums-0", MEAN0, MEAN0.replace(" / n0", ""), ("sums-instead-of-means",)),
    Mistake("sums-1", MEAN1, MEAN1.replace(" / n1", ""), ("sums-instead-of-means",)),
    Mistake("divisors-of-the-other-class", MEAN0, MEAN0.replace("/ n0", "/ n1"), ("sums-swapped",)),
    Mistake("rounded-mean", MEAN0, MEAN0.replace("/ n0", "// n0"), ("integer-division",)),
    Mistake("mean-of-the-levels", MEAN0, "m0 = levels[: t + 1].mean()", ("means-of-levels",)),
    Mistake(
        "mean-of-everything", MEAN1, "m1 = (counts * levels).sum() / image.size", ("total-mean-instead-of-class-mean",)
    ),
    Mistake("smallest", BETTER, BETTER.replace(">", "<"), ("all-zero",)),
    Mistake(
        "worst-split",
        "        if variance > best:\n",
        "        if best == 0 or variance < best:\n",
        ("smallest-instead-of-largest",),
    ),
    Mistake("best-not-kept", "best, threshold = variance, t", "threshold = t", ("best-not-kept",)),
    Mistake("variance-returned", RETURN, "    return best\n", ("variance-returned",)),
    Mistake("one-too-high", RETURN, "    return threshold + 1\n", ("threshold-one-too-high",)),
    Mistake("one-too-low", RETURN, "    return threshold - 1\n", ("threshold-one-too-low",)),
    Mistake("share", RETURN, "    return threshold / 255\n", ("between-0-and-1",)),
    Mistake("mask", RETURN, "    return image > threshold\n", ("image-returned",)),
    Mistake("half-of-the-levels", LOOP, "for t in range(128):", ("search-ends-early",)),
    Mistake("last-split-forgotten", LOOP, "for t in range(254):", ("search-ends-early",)),
    Mistake(
        "stops-at-a-hill",
        BETTER,
        BETTER + "        elif variance < best:\n            break\n",
        ("stops-at-the-first-maximum",),
    ),
    Mistake(
        "zeros-left-out",
        COUNTS,
        COUNTS + "    counts[0] = 0\n",
        ("levels-left-out",),
    ),
    Mistake(
        "sixteen-bins",
        COUNTS,
        "    counts = np.bincount(image.ravel() // 16 * 16, minlength=256)\n",
        ("too-few-bins",),
    ),
    Mistake(
        "levels-once",
        COUNTS,
        "    counts = np.bincount(np.unique(image), minlength=256)\n",
        ("levels-counted-once",),
    ),
    Mistake("first-row", COUNTS, COUNTS.replace("image.ravel()", "image[0]"), ("only-a-row",)),
    Mistake("inverted", COUNTS, COUNTS.replace("image.ravel()", "255 - image.ravel()"), ("image-inverted",)),
    Mistake("mean-of-the-image", RETURN, "    return image.mean()\n", ("mean-instead-of-otsu",)),
    Mistake(
        "weights-in-percent",
        WEIGHTS,
        "w0, w1 = round(n0 / image.size, 2), round(n1 / image.size, 2)",
        ("weights-rounded",),
    ),
    Mistake("whole-weights", WEIGHTS, "w0, w1 = n0 // image.size, n1 // image.size", ("all-zero",)),
    Mistake("weight-of-the-rest-of-the-rest", WEIGHTS, "w0, w1 = n0 / image.size, 1", ("weight-of-one-class-only",)),
    Mistake(
        "levels-of-the-dark-class", MEAN1, "m1 = (bright * levels[: 255 - t]).sum() / n1", ("bright-levels-from-zero",)
    ),
    Mistake(
        "t-in-the-bright-class", "counts[: t + 1], counts[t + 1 :]", "counts[: t + 1], counts[t :]", ("exception",)
    ),
)
