"""softmax_cross_entropy: planted bugs."""

from __future__ import annotations

from ...exercise import Mistake

SHIFT = "logits - np.max(logits, axis=-1, keepdims=True)"
LOG_SUM = "np.log(np.sum(np.exp(shifted), axis=-1))"
TRUE = "np.arange(logits.shape[-1]) == target[..., None]"
LOSS = "log_sum - np.sum(shifted * true, axis=-1)"
P, CACHE, DLOGITS = "np.exp(shifted - log_sum[..., None])", "return loss, (p, true)", "(p - true) * dloss[..., None]"
AFTER = f"loss = {LOSS}\n    p = {P}\n"


def with_p(loss: str) -> str:
    """Return the lines that make loss and p, with a loss that is made of p."""
    return f"p = {P}\n    loss = {loss}\n"


MISTAKES = (
    Mistake("no-maximum", SHIFT, "logits", ("maximum-not-subtracted",)),
    Mistake("one-maximum-for-all", SHIFT, "logits - np.max(logits)", ("maximum-of-everything",)),
    Mistake("minimum", SHIFT, "logits - np.min(logits, axis=-1, keepdims=True)", ("minimum-instead-of-maximum",)),
    Mistake("maximum-not-added-back", LOSS, "log_sum - np.sum(logits * true, axis=-1)", ("maximum-not-added-back",)),
    Mistake("logarithm-of-p", AFTER, with_p("-np.log(np.sum(p * true, axis=-1))"), ("logarithm-of-zero",)),
    Mistake(
        "epsilon-in-the-logarithm", AFTER, with_p("-np.log(np.sum(p * true, axis=-1) + 1e-7)"), ("logarithm-clipped",)
    ),
    Mistake("p-cut-off", AFTER, with_p("-np.log(np.clip(np.sum(p * true, axis=-1), 1e-7, 1))"), ("logarithm-clipped",)),
    Mistake("no-minus", LOSS, "np.sum(shifted * true, axis=-1) - log_sum", ("sign-flipped",)),
    Mistake("no-logarithm", AFTER, with_p("1 - np.sum(p * true, axis=-1)"), ("logarithm-missing",)),
    Mistake("probability-itself", AFTER, with_p("-np.sum(p * true, axis=-1)"), ("logarithm-missing",)),
    Mistake(
        "sum-without-logarithm",
        "np.log(np.sum(np.exp(shifted), axis=-1))",
        "np.sum(np.exp(shifted), axis=-1)",
        ("logarithm-of-the-sum-missing",),
    ),
    Mistake("base-two", AFTER, with_p(f"({LOSS}) / np.log(2)"), ("wrong-logarithm",)),
    Mistake("all-classes", LOSS, "log_sum - np.sum(shifted, axis=-1)", ("all-logits-subtracted",)),
    Mistake("mean-over-classes", LOSS, "log_sum - np.mean(shifted, axis=-1)", ("all-classes-counted",)),
    Mistake("most-likely-class", LOSS, "log_sum - np.max(shifted, axis=-1)", ("largest-instead-of-label",)),
    Mistake("entropy", AFTER, with_p("-np.sum(p * np.log(p), axis=-1)"), ("entropy-instead-of-cross-entropy",)),
    Mistake(
        "binary", AFTER, with_p("-np.sum(np.where(true, np.log(p), np.log(1 - p)), axis=-1)"), ("binary-cross-entropy",)
    ),
    Mistake("squares", AFTER, with_p("np.sum((p - true) ** 2, axis=-1)"), ("squared-error",)),
    Mistake("sum-of-losses", CACHE, "return np.sum(loss), (p, true)", ("sum-instead-of-mean",)),
    Mistake(
        "divided-by-classes",
        CACHE,
        "return loss / logits.shape[-1], (p, true)",
        ("mean-over-classes-too", "wrong-factor"),
    ),
    Mistake(
        "labels-from-one",
        TRUE,
        "np.arange(logits.shape[-1]) + 1 == target[..., None]",
        ("labels-from-one",),
    ),
    Mistake(
        "labels-shifted",
        TRUE,
        "np.arange(logits.shape[-1]) == (target[..., None] + 1) % logits.shape[-1]",
        ("labels-one-off",),
    ),
    Mistake("class-0-skipped", TRUE, f"({TRUE}) & (target[..., None] > 0)", ("class-0-ignored",)),
    Mistake("logits-cached", CACHE, "return loss, (logits, true)", ("softmax-missing",)),
    Mistake("powers-cached", CACHE, "return loss, (np.exp(shifted), true)", ("not-normalised",)),
    Mistake(
        "logarithms-cached",
        CACHE,
        "return loss, (shifted - log_sum[..., None], true)",
        ("logarithm-of-p-in-the-gradient",),
    ),
    Mistake("label-not-subtracted", DLOGITS, "p * dloss[..., None]", ("label-not-subtracted",)),
    Mistake("label-added", DLOGITS, "(p + true) * dloss[..., None]", ("label-added",)),
    Mistake("true-minus-predicted", DLOGITS, "(true - p) * dloss[..., None]", ("sign-flipped",)),
    Mistake("bracket-missing", DLOGITS, "p - true * dloss[..., None]", ("label-subtracted-after-scaling",)),
    Mistake("dloss-not-used", DLOGITS, "p - true", ("upstream-ignored",)),
    Mistake("dloss-averaged", DLOGITS, "(p - true) * np.mean(dloss)", ("upstream-averaged",)),
    Mistake("mean-assumed", DLOGITS, "(p - true) * dloss[..., None] / dloss.size", ("divided-by-the-batch",)),
    Mistake("divided-by-samples", DLOGITS, "(p - true) * dloss[..., None] / len(dloss)", ("divided-by-the-batch",)),
    Mistake("own-class-only", DLOGITS, "(p - true) * true * dloss[..., None]", ("only-the-label's-class",)),
    Mistake("other-classes-only", DLOGITS, "np.where(true, 0, p) * dloss[..., None]", ("only-the-other-classes",)),
    Mistake(
        "slope-of-a-sigmoid",
        DLOGITS,
        "(p - true) * p * (1 - p) * dloss[..., None]",
        ("softmax-differentiated-twice", "slope-of-a-sigmoid"),
    ),
    Mistake("by-the-probabilities", DLOGITS, "-(true / p) * dloss[..., None]", ("gradient-by-probabilities",)),
    Mistake("one-from-all", DLOGITS, "(p - 1) * dloss[..., None]", ("label-subtracted-from-all",)),
    Mistake("factor-two", DLOGITS, "2 * (p - true) * dloss[..., None]", ("squared-error",)),
    Mistake("cache-in-place", f"return {DLOGITS}", "p -= true\n    return p * dloss[..., None]", ("cache-changed",)),
    Mistake("axis-missing", DLOGITS, "(p - true) * dloss", ("exception",)),
)
