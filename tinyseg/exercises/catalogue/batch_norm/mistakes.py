"""batch_norm: planted bugs."""

from __future__ import annotations

from ...exercise import Mistake

AXES = "axes = tuple(range(x.ndim - 1))"
MEAN, CENTRED, VARIANCE = "np.mean(x, axis=axes)", "centred = x - mean", "np.mean(centred**2, axis=axes)"
S, Z, RETURN = "1 / np.sqrt(variance + epsilon)", "z = centred * s", "return gamma * z + beta, (z, gamma, s)"
BACK_AXES, N = "axes = tuple(range(dy.ndim - 1))", "n = dy.size // dy.shape[-1]"
DGAMMA, DBETA = "np.sum(dy * z, axis=axes)", "np.sum(dy, axis=axes)"
DX = "gamma * s * (dy - dbeta / n - z * dgamma / n)"
SUMS = f"dgamma = {DGAMMA}\n    dbeta = {DBETA}\n"

MISTAKES = (
    Mistake("batch-axis-alone", AXES, "axes = 0", ("statistics-over-wrong-axes",)),
    Mistake("everything-together", AXES, "axes = None", ("statistics-over-wrong-axes",)),
    Mistake(
        "each-position-alone",
        "x - mean\n    variance = np.mean(centred**2, axis=axes)",
        "x - np.mean(x, axis=-1, keepdims=True)\n    variance = np.var(x, axis=-1, keepdims=True)",
        ("statistics-over-wrong-axes",),
    ),
    Mistake("unbiased", VARIANCE, "np.var(x, axis=axes, ddof=1)", ("variance-unbiased",)),
    Mistake("around-zero", VARIANCE, "np.mean(x**2, axis=axes)", ("variance-around-zero",)),
    Mistake(
        "difference-of-squares", VARIANCE, "np.mean(x**2, axis=axes) - mean**2", ("variance-as-difference-of-squares",)
    ),
    Mistake("sum-of-squares", VARIANCE, "np.sum(centred**2, axis=axes)", ("sum-instead-of-mean",)),
    Mistake("absolute-deviation", VARIANCE, "np.mean(np.abs(centred), axis=axes)", ("mean-deviation",)),
    Mistake(
        "divided-by-images", VARIANCE, "np.sum(centred**2, axis=axes) / len(x)", ("batch-counted-instead-of-positions",)
    ),
    Mistake("divided-by-all-numbers", VARIANCE, "np.sum(centred**2, axis=axes) / x.size", ("all-numbers-counted",)),
    Mistake("median", MEAN, "np.median(x, axis=axes)", ("median-instead-of-mean",)),
    Mistake("not-centred", CENTRED, "centred = x", ("mean-not-subtracted", "root-mean-square")),
    Mistake("mean-minus-x", CENTRED, "centred = mean - x", ("mean-minus-x",)),
    Mistake("centred-in-place", CENTRED, "x -= mean\n    centred = x", ("input-changed",)),
    Mistake("no-epsilon", S, "1 / np.sqrt(variance)", ("epsilon-missing",)),
    Mistake("epsilon-outside", S, "1 / (np.sqrt(variance) + epsilon)", ("epsilon-outside-the-root",)),
    Mistake("epsilon-fixed", S, "1 / np.sqrt(variance + 1e-5)", ("epsilon-ignored",)),
    Mistake("epsilon-after-the-quotient", S, "1 / np.sqrt(variance) + epsilon", ("epsilon-added-to-the-quotient",)),
    Mistake("epsilon-as-limit", S, "1 / np.sqrt(np.maximum(variance, epsilon))", ("epsilon-as-a-lower-limit",)),
    Mistake("no-root", S, "1 / (variance + epsilon)", ("root-missing",)),
    Mistake("multiplied", S, "np.sqrt(variance + epsilon)", ("multiplied-by-the-deviation",)),
    Mistake("not-scaled", Z, "z = centred", ("not-scaled",)),
    Mistake("no-gamma", RETURN, "return z + beta, (z, gamma, s)", ("gamma-missing",)),
    Mistake("no-beta", RETURN, "return gamma * z, (z, gamma, s)", ("beta-missing",)),
    Mistake("gamma-and-beta-exchanged", RETURN, "return beta * z + gamma, (z, gamma, s)", ("gamma-and-beta-swapped",)),
    Mistake("bracket", RETURN, "return gamma * (z + beta), (z, gamma, s)", ("beta-inside-the-bracket",)),
    Mistake("first-gamma", RETURN, "return gamma[0] * z + beta, (z, gamma, s)", ("gamma-of-one-channel",)),
    Mistake(
        "x-cached",
        RETURN,
        "return gamma * z + beta, (x, gamma, s)",
        ("not-normalised-in-the-backward", "x-instead-of-z"),
    ),
    Mistake(
        "centred-cached",
        RETURN,
        "return gamma * z + beta, (centred, gamma, s)",
        ("not-normalised-in-the-backward", "x-instead-of-z"),
    ),
    Mistake("y-cached", RETURN, "y = gamma * z + beta\n    return y, (y, gamma, s)", ("y-instead-of-z",)),
    Mistake("deviation-cached", RETURN, "return gamma * z + beta, (z, gamma, 1 / s)", ("multiplied-by-the-deviation",)),
    Mistake("constants", DX, "gamma * s * dy", ("statistics-not-differentiated",)),
    Mistake("mean-constant", DX, "gamma * s * (dy - z * dgamma / n)", ("mean-not-differentiated",)),
    Mistake("variance-constant", DX, "gamma * s * (dy - dbeta / n)", ("variance-not-differentiated",)),
    Mistake("direct-way-missing", DX, "gamma * s * (-dbeta / n - z * dgamma / n)", ("direct-term-missing",)),
    Mistake("gamma-forgotten", DX, "s * (dy - dbeta / n - z * dgamma / n)", ("gamma-forgotten-in-dx",)),
    Mistake("deviation-forgotten", DX, "gamma * (dy - dbeta / n - z * dgamma / n)", ("deviation-forgotten-in-dx",)),
    Mistake("deviation-twice", DX, "gamma * s**2 * (dy - dbeta / n - z * dgamma / n)", ("deviation-squared-in-dx",)),
    Mistake(
        "bracket-closed-early", DX, "gamma * s * dy - dbeta / n - z * dgamma / n", ("factors-only-in-the-direct-term",)
    ),
    Mistake("not-divided", DX, "gamma * s * (dy - dbeta - z * dgamma)", ("sum-instead-of-mean",)),
    Mistake("mean-term-not-divided", DX, "gamma * s * (dy - dbeta - z * dgamma / n)", ("sum-instead-of-mean",)),
    Mistake("signs", DX, "gamma * s * (dy + dbeta / n + z * dgamma / n)", ("both-terms-with-wrong-sign",)),
    Mistake("one-sign", DX, "gamma * s * (dy - dbeta / n + z * dgamma / n)", ("term-of-the-variance-scaled",)),
    Mistake("factor-two", DX, "gamma * s * (dy - dbeta / n - 2 * z * dgamma / n)", ("term-of-the-variance-scaled",)),
    Mistake("no-z", DX, "gamma * s * (dy - dbeta / n - dgamma / n)", ("z-missing-in-the-variance-term",)),
    Mistake("count-of-images", N, "n = len(dy)", ("batch-counted-instead-of-positions",)),
    Mistake("count-of-numbers", N, "n = dy.size", ("all-numbers-counted",)),
    Mistake("one-less", N, "n = dy.size // dy.shape[-1] - 1", ("positions-minus-one",)),
    Mistake("dgamma-without-z", DGAMMA, "np.sum(dy, axis=axes)", ("z-missing", "z-missing-in-the-variance-term")),
    Mistake("dgamma-a-product", DGAMMA, "np.sum(dy, axis=axes) * np.sum(z, axis=axes)", ("product-of-sums",)),
    Mistake("averaged", SUMS, SUMS.replace("np.sum", "np.mean"), ("mean-instead-of-sum",)),
    Mistake("first-axis-alone", BACK_AXES, "axes = 0", ("sums-over-wrong-axes",)),
    Mistake("exchanged", "return dx, dgamma, dbeta", "return dx, dbeta, dgamma", ("results-in-wrong-order",)),
    Mistake("dbeta-with-gamma", "return dx, dgamma, dbeta", "return dx, dgamma, gamma * dbeta", ("gamma-in-dbeta",)),
)
