"""tiled_prediction: planted bugs."""

from __future__ import annotations

from ...exercise import Mistake

STARTS = "    return [*range(0, n - size, size - overlap), n - size]\n"
ONE = "    if n <= size:\n        return [0]\n"
RAMP = "    return np.minimum(i + 1, m - i)\n"
WEIGHT = "weight = np.outer(ramp(scores.shape[0]), ramp(scores.shape[1]))[..., None]"
TOTAL = "            total[top : top + size, left : left + size] += weight * scores\n"
ADDED = "            weights[top : top + size, left : left + size] += weight\n"
SCORES = "scores = model(image[top : top + size, left : left + size])"
RETURN = "    return total / weights\n"
COLUMNS = "for left in beginnings(width, size, overlap):"
ROWS = "for top in beginnings(height, size, overlap):"
TOTALS = "    total = np.zeros_like(image)\n"


def _starts(name: str, after: str, *causes: str) -> Mistake:
    return Mistake(name, STARTS, f"    return {after}\n", causes)


def _weight(name: str, after: str, *causes: str) -> Mistake:
    return Mistake(name, WEIGHT, f"weight = {after}[..., None]", causes)


def _ramp(name: str, after: str, *causes: str) -> Mistake:
    return Mistake(name, RAMP, f"    return {after}\n", causes)


MISTAKES = (
    _starts("rest-forgotten", "list(range(0, n - size + 1, size - overlap))", "rest-not-covered"),
    _starts("rest-and-last-forgotten", "list(range(0, n - size, size - overlap))", "rest-not-covered"),
    _starts("last-tile-cut", "list(range(0, n, size - overlap))", "last-tile-cut"),
    _starts("last-tile-cut-if-new", "list(range(0, n - overlap, size - overlap))", "last-tile-cut"),
    _starts("last-twice", "[*range(0, n - size + 1, size - overlap), n - size]", "last-tile-twice"),
    _starts("side-by-side", "[*range(0, n - size, size), n - size]", "overlap-ignored"),
    _starts("every-pixel", "list(range(0, n - size + 1))", "overlap-ignored"),
    _starts("half-of-the-size", "[*range(0, n - size, size - size // 2), n - size]", "overlap-ignored"),
    _starts("overlap-as-step", "[*range(0, n - size, max(overlap, 1)), n - size]", "overlap-as-step"),
    _starts("overlap-twice", "[*range(0, n - size, max(size - 2 * overlap, 1)), n - size]", "overlap-on-both-sides"),
    _starts("half-the-overlap", "[*range(0, n - size, size - overlap // 2), n - size]", "overlap-on-both-sides"),
    _starts("step-too-long", "[*range(0, n - size, size - overlap + 1), n - size]", "step-one-off"),
    _starts("step-too-short", "[*range(0, n - size, max(size - overlap - 1, 1)), n - size]", "step-one-off"),
    _starts("last-one-too-early", "[*range(0, n - size, size - overlap), n - size - 1]", "last-tile-one-off"),
    _starts("from-the-end", "list(range(n - size, 0, overlap - size)) + [0]", "all-tiles-from-the-end"),
    _starts(
        "evenly",
        "np.linspace(0, n - size, 1 - (size - n) // (size - overlap)).astype(int).tolist()",
        "tiles-spread-evenly",
    ),
    Mistake("small-images", ONE, "", ("tile-begins-before-the-image",)),
    Mistake(
        "rows-for-both", COLUMNS, "for left in beginnings(height, size, overlap):", ("starts-of-one-axis-for-both",)
    ),
    Mistake("columns-for-both", ROWS, "for top in beginnings(width, size, overlap):", ("starts-of-one-axis-for-both",)),
    Mistake(
        "height-and-width-swapped",
        "height, width = image.shape[:2]",
        "width, height = image.shape[:2]",
        ("exception", "height-and-width-swapped"),
    ),
    _ramp("flat", "i * 0 + 1", "weights-missing"),
    _ramp("zero-at-the-border", "np.minimum(i, m - 1 - i)", "weights-fall-to-zero"),
    _ramp("one-off-at-the-end", "np.minimum(i + 1, m - i + 1)", "weights-one-off"),
    _ramp("zero-at-the-end", "np.minimum(i + 1, m - 1 - i)", "weights-one-off"),
    _ramp("both-ends-two", "np.minimum(i + 2, m - i + 1)", "weights-one-off"),
    _ramp("largest-at-the-border", "np.maximum(i + 1, m - i)", "weights-grow-towards-the-border"),
    _ramp("rising", "i + 1", "weights-rise-only"),
    _ramp("falling", "m - i", "weights-rise-only"),
    _weight(
        "smaller-of-the-two",
        "np.minimum.outer(ramp(scores.shape[0]), ramp(scores.shape[1]))",
        "smaller-weight-instead-of-product",
    ),
    _weight("sum-of-the-two", "np.add.outer(ramp(scores.shape[0]), ramp(scores.shape[1]))", "weights-added"),
    _weight("rows-only", "np.outer(ramp(scores.shape[0]), np.ones(scores.shape[1]))", "weights-along-one-axis-only"),
    _weight("columns-only", "np.outer(np.ones(scores.shape[0]), ramp(scores.shape[1]))", "weights-along-one-axis-only"),
    _weight("transposed", "np.outer(ramp(scores.shape[1]), ramp(scores.shape[0]))", "exception"),
    _weight("squared", "(np.outer(ramp(scores.shape[0]), ramp(scores.shape[1])) ** 2)", "weights-squared"),
    Mistake("overwritten", TOTAL, TOTAL.replace("+=", "="), ("tiles-overwritten",)),
    Mistake("scores-overwritten", RETURN, "    return total\n", ("not-divided-by-the-weights",)),
    Mistake(
        "unweighted-scores", TOTAL, TOTAL.replace("weight * scores", "scores"), ("weights-not-applied-to-the-scores",)
    ),
    Mistake("counted", ADDED, ADDED.replace("+= weight", "+= 1"), ("divided-by-the-number-of-tiles",)),
    Mistake("weights-overwritten", ADDED, ADDED.replace("+= weight", "= weight"), ("weights-overwritten",)),
    Mistake("largest-weight", RETURN, "    return total / weights.max()\n", ("divided-by-the-largest-weight",)),
    Mistake(
        "whole-image",
        SCORES,
        "scores = model(image)[top : top + size, left : left + size]",
        ("whole-image-at-once",),
    ),
    Mistake("no-model", SCORES, "scores = image[top : top + size, left : left + size]", ("model-not-called",)),
    Mistake(
        "model-on-the-sum",
        RETURN,
        "    return model(total / weights)\n",
        ("model-called-on-the-result",),
    ),
    Mistake(
        "scores-written-into-the-image",
        SCORES,
        "scores = image[top : top + size, left : left + size]\n            scores -= scores.mean(axis=(0, 1))",
        ("input-changed",),
    ),
    Mistake("floats-of-32-bits", TOTALS, "    total = np.zeros(image.shape, np.float32)\n", ("precision-lost",)),
    Mistake(
        "not-tiled",
        "    height, width = image.shape[:2]\n",
        "    return model(image)\n    height, width = image.shape[:2]\n",
        ("whole-image-at-once",),
    ),
    Mistake(
        "averaged-in-turn",
        TOTAL + ADDED,
        "            old = total[top : top + size, left : left + size]\n"
        "            seen = weights[top : top + size, left : left + size]\n"
        "            old[...] = np.where(seen > 0, (old + scores) / 2, scores)\n"
        "            seen[...] = 1\n",
        ("averaged-one-after-the-other",),
    ),
    Mistake(
        "filled-with-zeros",
        "    height, width = image.shape[:2]\n",
        "    whole = image.shape[:2]\n"
        "    step = size - overlap\n"
        "    extra = [max(size - n, 0) if n <= size else -(n - size) % step for n in whole]\n"
        "    image = np.pad(image, [(0, extra[0]), (0, extra[1]), (0, 0)])\n"
        "    height, width = image.shape[:2]\n",
        ("image-filled-up",),
    ),
)
