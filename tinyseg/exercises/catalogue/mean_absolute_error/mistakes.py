"""mean_absolute_error: planted bugs."""

from __future__ import annotations

from ...exercise import Mistake

DIFFERENCE, LOSS = "difference = y_pred - y_true", "np.mean(np.abs(difference))"
SLOPE, RETURN = "np.sign(difference)", "return dloss * slope / difference.size"

MISTAKES = (
    Mistake("squares", LOSS, "np.mean(difference**2)", ("squared-error",)),
    Mistake("half-squares", LOSS, "np.mean(difference**2) / 2", ("squared-error",)),
    Mistake("root-of-squares", LOSS, "np.sqrt(np.mean(difference**2))", ("root-of-the-squared-error",)),
    Mistake("length", LOSS, "np.linalg.norm(difference)", ("root-of-the-squared-error",)),
    Mistake("no-absolute-value", LOSS, "np.mean(difference)", ("absolute-value-missing",)),
    Mistake("absolute-value-last", LOSS, "np.abs(np.mean(difference))", ("absolute-value-of-the-mean",)),
    Mistake("sum", LOSS, "np.sum(np.abs(difference))", ("sum-instead-of-mean",)),
    Mistake("sum-by-samples", LOSS, "np.sum(np.abs(difference)) / len(difference)", ("mean-over-the-batch-only",)),
    Mistake(
        "sum-by-columns", LOSS, "np.sum(np.abs(difference)) / difference.shape[-1]", ("mean-over-the-last-axis-only",)
    ),
    Mistake("mean-of-the-last-axis", LOSS, "np.mean(np.abs(difference), axis=-1)", ("one-number-for-each-position",)),
    Mistake(
        "mean-of-the-first-axis", LOSS, "np.mean(np.abs(difference), axis=0)", ("mean-over-the-batch-for-each-entry",)
    ),
    Mistake("no-mean", LOSS, "np.abs(difference)", ("not-averaged",)),
    Mistake("median", LOSS, "np.median(np.abs(difference))", ("median-instead-of-mean",)),
    Mistake("worst", LOSS, "np.max(np.abs(difference))", ("largest-instead-of-mean",)),
    Mistake("one-less", LOSS, "np.sum(np.abs(difference)) / (difference.size - 1)", ("divided-by-one-less",)),
    Mistake("positive-part", LOSS, "np.mean(np.maximum(difference, 0))", ("only-one-direction",)),
    Mistake("relative", LOSS, "np.mean(np.abs(difference / y_true))", ("relative-error",)),
    Mistake("cut-to-integers", LOSS, "np.mean(np.abs(difference).astype(int))", ("rounded-to-integers",)),
    Mistake("last-entry-missing", LOSS, "np.mean(np.abs(difference).ravel()[:-1])", ("last-entry-missing",)),
    Mistake("first-sample-alone", LOSS, "np.mean(np.abs(difference[0]))", ("only-first-sample",)),
    Mistake("exact-left-out", LOSS, "np.mean(np.abs(difference)[difference != 0])", ("exact-predictions-left-out",)),
    Mistake("sum-of-the-two", DIFFERENCE, "difference = y_pred + y_true", ("sum-instead-of-difference",)),
    Mistake(
        "absolute-values-first",
        DIFFERENCE,
        "difference = np.abs(y_pred) - np.abs(y_true)",
        ("difference-of-absolute-values",),
    ),
    Mistake("other-direction", DIFFERENCE, "difference = y_true - y_pred", ("sign-flipped",)),
    Mistake("in-place", DIFFERENCE, "y_pred -= y_true\n    difference = y_pred", ("input-changed",)),
    Mistake("difference-itself", SLOPE, "difference", ("difference-instead-of-sign",)),
    Mistake("slope-of-the-square", SLOPE, "2 * difference", ("squared-error",)),
    Mistake("distance", SLOPE, "np.abs(difference)", ("absolute-difference-instead-of-sign",)),
    Mistake("quotient", SLOPE, "difference / np.abs(difference)", ("zero-divided-by-zero",)),
    Mistake("quotient-with-epsilon", SLOPE, "difference / (np.abs(difference) + 1e-7)", ("smoothed",)),
    Mistake("zero-is-negative", SLOPE, "np.where(difference > 0, 1.0, -1.0)", ("gradient-at-zero",)),
    Mistake("zero-is-positive", SLOPE, "np.where(difference >= 0, 1.0, -1.0)", ("gradient-at-zero",)),
    Mistake("step", SLOPE, "(difference > 0).astype(difference.dtype)", ("only-one-direction",)),
    Mistake("ones", SLOPE, "np.ones_like(difference)", ("sign-missing",)),
    Mistake("sign-of-the-sum", SLOPE, "np.sign(np.sum(difference)) * np.ones_like(difference)", ("sign-of-the-sum",)),
    Mistake("clipped", SLOPE, "np.clip(difference, -1, 1)", ("huber-loss",)),
    Mistake("not-divided", RETURN, "return dloss * slope", ("mean-not-divided",)),
    Mistake("divided-by-samples", RETURN, "return dloss * slope / len(difference)", ("mean-over-the-batch-only",)),
    Mistake(
        "divided-by-columns", RETURN, "return dloss * slope / difference.shape[-1]", ("mean-over-the-last-axis-only",)
    ),
    Mistake(
        "divided-by-the-wrong-ones",
        RETURN,
        "return dloss * slope / max(1, np.count_nonzero(slope))",
        ("exact-predictions-left-out",),
    ),
    Mistake("multiplied", RETURN, "return dloss * slope * difference.size", ("multiplied-by-the-count",)),
    Mistake("dloss-not-used", RETURN, "return slope / difference.size", ("upstream-ignored",)),
    Mistake("averaged", RETURN, "return dloss * np.mean(slope)", ("summed-gradient",)),
    Mistake("loss-multiplied-in", RETURN, f"return dloss * slope * {LOSS}", ("loss-in-the-gradient",)),
    Mistake(
        "both-gradients",
        RETURN,
        "gradient = dloss * slope / difference.size\n    return -gradient, gradient",
        ("gradient-of-both-arrays",),
    ),
)
