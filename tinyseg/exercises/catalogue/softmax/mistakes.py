"""softmax: planted bugs."""

from __future__ import annotations

from ...exercise import Mistake

SHIFT = "x - np.max(x, axis=-1, keepdims=True)"
SUM = "np.sum(powers, axis=-1, keepdims=True)"
MEAN = "np.sum(dy * y, axis=-1, keepdims=True)"

MISTAKES = (
    Mistake("no-maximum", SHIFT, "x", ("maximum-not-subtracted",)),
    Mistake("one-maximum-for-all", SHIFT, "x - np.max(x)", ("maximum-of-everything",)),
    Mistake("maximum-over-samples", SHIFT, "x - np.max(x, axis=0, keepdims=True)", ("maximum-of-everything",)),
    Mistake("minimum-subtracted", SHIFT, "x - np.min(x, axis=-1, keepdims=True)", ("minimum-instead-of-maximum",)),
    Mistake("maximum-minus-x", SHIFT, "np.max(x, axis=-1, keepdims=True) - x", ("sign-of-the-exponent",)),
    Mistake("divided-by-the-maximum", SHIFT, "x / np.max(x, axis=-1, keepdims=True)", ("temperature",)),
    Mistake("inputs-clipped", SHIFT, "np.clip(x, -500, 500)", ("inputs-clipped",)),
    Mistake("axis-dropped", SHIFT, "x - np.max(x, axis=-1)", ("exception",)),
    Mistake("shifted-in-place", f"shifted = {SHIFT}", f"x -= {SHIFT[4:]}\n    shifted = x", ("input-changed",)),
    Mistake("powers-of-two", "np.exp(shifted)", "2.0**shifted", ("wrong-base",)),
    Mistake("no-exponential", "np.exp(shifted)", "shifted", ("exponential-missing",)),
    Mistake("sign-of-the-exponent", "np.exp(shifted)", "np.exp(-shifted)", ("sign-of-the-exponent",)),
    Mistake("exponential-of-a-square", "np.exp(shifted)", "np.exp(shifted**2)", ("exponent-squared",)),
    Mistake("sum-over-samples", SUM, "np.sum(powers, axis=0, keepdims=True)", ("softmax-over-wrong-axis",)),
    Mistake("sum-of-everything", SUM, "np.sum(powers)", ("softmax-over-wrong-axis",)),
    Mistake("epsilon-in-the-sum", SUM, f"({SUM} + 1e-6)", ("epsilon-in-the-sum",)),
    Mistake("mean-for-sum", SUM, "np.mean(powers, axis=-1, keepdims=True)", ("averaged-instead-of-summed",)),
    Mistake("length-for-sum", SUM, "np.linalg.norm(powers, axis=-1, keepdims=True)", ("normalised-by-the-length",)),
    Mistake("divided-by-the-largest", SUM, "np.max(powers, axis=-1, keepdims=True)", ("not-normalised",)),
    Mistake("last-class-not-summed", SUM, "np.sum(powers[..., :-1], axis=-1, keepdims=True)", ("last-class-missing",)),
    Mistake("not-normalised", f"powers / {SUM}", "powers", ("not-normalised",)),
    Mistake("sigmoid", f"powers / {SUM}", "1 / (1 + np.exp(-x))", ("sigmoid-instead-of-softmax",)),
    Mistake("logarithm", f"powers / {SUM}", f"np.log(powers / {SUM})", ("logarithm-taken",)),
    Mistake("x-in-the-cache", "return y, y", "return y, x", ("wrong-array-used",)),
    Mistake("powers-in-the-cache", "return y, y", "return y, powers", ("not-normalised",)),
    Mistake("cache-first", "return y, y", "return x, y", ("wrong-return",)),
    Mistake("own-class-only", "y * (dy - mean)", "y * dy", ("coupling-missing",)),
    Mistake("diagonal-only", "y * (dy - mean)", "y * (1 - y) * dy", ("coupling-missing",)),
    Mistake("sign-of-the-mean", "y * (dy - mean)", "y * (dy + mean)", ("coupling-sign",)),
    Mistake("factor-missing", "y * (dy - mean)", "dy - mean", ("factor-y-missing",)),
    Mistake("factor-twice", "y * (dy - mean)", "y * y * (dy - mean)", ("y-squared",)),
    Mistake("bracket-missing", "y * (dy - mean)", "y * dy - mean", ("factor-y-missing",)),
    Mistake("direct-way-missing", "y * (dy - mean)", "-y * mean", ("diagonal-missing",)),
    Mistake("passed-on", "y * (dy - mean)", "dy", ("upstream-passed-on",)),
    Mistake("as-cross-entropy", "y * (dy - mean)", "y - dy", ("cross-entropy-gradient",)),
    Mistake("mean-over-samples", MEAN, "np.sum(dy * y, axis=0, keepdims=True)", ("coupling-over-wrong-axis",)),
    Mistake("mean-of-everything", MEAN, "np.sum(dy * y)", ("coupling-over-wrong-axis",)),
    Mistake("sum-without-y", MEAN, "np.sum(dy, axis=-1, keepdims=True)", ("coupling-without-y",)),
    Mistake("plain-mean", MEAN, "np.mean(dy * y, axis=-1, keepdims=True)", ("coupling-averaged",)),
    Mistake("weighted-in-place", f"mean = {MEAN}", f"dy -= {MEAN}\n    mean = 0", ("input-changed",)),
)
