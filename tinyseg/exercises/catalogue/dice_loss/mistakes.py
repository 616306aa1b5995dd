"""dice_loss: planted bugs."""

from __future__ import annotations

from ...exercise import Mistake

ABOVE, BELOW = "2 * np.sum(y_true * y_pred) + epsilon", "np.sum(y_true) + np.sum(y_pred) + epsilon"
LINES = f"above = {ABOVE}\n    below = {BELOW}\n"
RETURN, DY = "return 1 - score, (y_true, score, below)", "-dloss * (2 * y_true - score) / below"
START = "    above = 2"
BETWEEN = (
    f"{RETURN}\n\n\ndef dice_loss_backward(dloss, cache):\n"
    '    """Quotient rule, with the sign of the loss."""\n'
    f"    y_true, score, below = cache\n    return {DY}"
)

MISTAKES = (
    Mistake("no-factor", ABOVE, "np.sum(y_true * y_pred) + epsilon", ("factor-2-missing",)),
    Mistake("bracket", ABOVE, "2 * (np.sum(y_true * y_pred) + epsilon)", ("epsilon-doubled",)),
    Mistake("no-epsilon-above", ABOVE, "2 * np.sum(y_true * y_pred)", ("epsilon-missing",)),
    Mistake("no-epsilon-below", BELOW, "np.sum(y_true) + np.sum(y_pred)", ("epsilon-missing",)),
    Mistake("no-epsilon", LINES, LINES.replace(" + epsilon", ""), ("epsilon-missing",)),
    Mistake("epsilon-fixed", LINES, LINES.replace("epsilon", "1e-7"), ("epsilon-ignored",)),
    Mistake(
        "union",
        BELOW,
        "np.sum(y_true) + np.sum(y_pred) - np.sum(y_true * y_pred) + epsilon",
        ("jaccard-instead-of-dice",),
    ),
    Mistake(
        "iou",
        LINES,
        "both = np.sum(y_true * y_pred)\n    above = both + epsilon\n"
        "    below = np.sum(y_true) + np.sum(y_pred) - both + epsilon\n",
        ("jaccard-instead-of-dice",),
    ),
    Mistake("squares-below", BELOW, "np.sum(y_true**2) + np.sum(y_pred**2) + epsilon", ("squared-denominator",)),
    Mistake("product-below", BELOW, "np.sum(y_true) * np.sum(y_pred) + epsilon", ("product-in-the-denominator",)),
    Mistake("labels-alone-below", BELOW, "np.sum(y_true) + epsilon", ("one-sum-missing",)),
    Mistake("labels-twice-below", BELOW, "2 * np.sum(y_true) + epsilon", ("one-sum-missing",)),
    Mistake("pixels-below", BELOW, "2 * y_true.size + epsilon", ("size-in-the-denominator",)),
    Mistake("mean-above", ABOVE, "2 * np.mean(y_true * y_pred) + epsilon", ("mean-in-the-numerator",)),
    Mistake("means", LINES, LINES.replace("np.sum", "np.mean"), ("means-instead-of-sums",)),
    Mistake(
        "thresholded", START, "    y_pred = np.where(y_pred > 0.5, 1.0, 0.0)\n" + START, ("prediction-thresholded",)
    ),
    Mistake(
        "background", START, "    y_true, y_pred = 1 - y_true, 1 - y_pred\n" + START, ("background-instead-of-object",)
    ),
    Mistake("sigmoid", START, "    y_pred = 1 / (1 + np.exp(-y_pred))\n" + START, ("sigmoid-applied",)),
    Mistake("sum-for-product", ABOVE, "2 * np.sum(y_true + y_pred) + epsilon", ("sum-instead-of-product",)),
    Mistake(
        "by-image",
        LINES,
        LINES.replace("y_pred)", "y_pred, axis=tuple(range(1, y_pred.ndim)))").replace(
            "np.sum(y_true)", "np.sum(y_true, axis=tuple(range(1, y_true.ndim)))"
        ),
        ("averaged-over-images",),
    ),
    Mistake(
        "last-axis",
        LINES,
        LINES.replace("y_pred)", "y_pred, axis=-1)").replace("np.sum(y_true)", "np.sum(y_true, axis=-1)"),
        ("averaged-over-pixels",),
    ),
    Mistake("score", RETURN, "return score, (y_true, score, below)", ("score-instead-of-loss",)),
    Mistake("minus-score", RETURN, "return -score, (y_true, score, below)", ("sign-flipped",)),
    Mistake("logarithm", RETURN, "return -np.log(score), (y_true, score, below)", ("logarithm-taken",)),
    Mistake("upside-down", "above / below", "below / above", ("numerator-and-denominator-swapped",)),
    Mistake(
        "epsilon-after",
        "score = above / below",
        "score = (above - epsilon) / (below - epsilon) + epsilon",
        ("epsilon-outside-the-quotient",),
    ),
    Mistake("minus-missing", DY, "dloss * (2 * y_true - score) / below", ("sign-flipped",)),
    Mistake("below-constant", DY, "-dloss * 2 * y_true / below", ("denominator-not-differentiated",)),
    Mistake("above-constant", DY, "dloss * np.full_like(y_true, score) / below", ("numerator-not-differentiated",)),
    Mistake("factor-missing", DY, "-dloss * (y_true - score) / below", ("factor-2-missing",)),
    Mistake("plus", DY, "-dloss * (2 * y_true + score) / below", ("quotient-rule-sign",)),
    Mistake("not-squared", DY, "-dloss * (2 * y_true - score)", ("denominator-not-squared",)),
    Mistake("divided-once-more", DY, "-dloss * (2 * y_true - score) / below**2", ("denominator-cubed",)),
    Mistake("loss-for-score", RETURN, "return 1 - score, (y_true, 1 - score, below)", ("loss-in-the-gradient",)),
    Mistake(
        "prediction-for-label", RETURN, "return 1 - score, (y_pred, score, below)", ("prediction-instead-of-label",)
    ),
    Mistake(
        "difference",
        BETWEEN,
        "return 1 - score, (y_true, y_pred)\n\n\ndef dice_loss_backward(dloss, cache):\n"
        "    y_true, y_pred = cache\n    return dloss * (y_pred - y_true)",
        ("difference-instead-of-gradient",),
    ),
    Mistake("labelled-only", DY, "-dloss * y_true * (2 * y_true - score) / below", ("only-where-labelled",)),
    Mistake("labels-everywhere", DY, "-dloss * np.full_like(y_true, 2 - score) / below", ("label-missing",)),
    Mistake("dloss-not-used", DY, "-(2 * y_true - score) / below", ("upstream-ignored",)),
    Mistake("averaged", DY, f"{DY} / y_true.size", ("wrong-factor",)),
    Mistake(
        "in-place",
        START,
        "    y_pred *= y_true\n" + START,
        ("input-changed", "one-sum-missing"),
    ),
)
