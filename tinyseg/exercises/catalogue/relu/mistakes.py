"""relu: planted bugs."""

from __future__ import annotations

from ...exercise import Mistake

Y, MASK = "np.maximum(x, 0)", "x > 0\n"
RETURN, DX = "return np.maximum(x, 0), x > 0", "np.where(positive, dy, 0)"
BACKWARD = f"return {DX}"
BETWEEN = f'{MASK}\n\ndef relu_backward(dy, positive):\n    """dx = dy where x > 0."""\n    {BACKWARD}'
"""From what forward keeps to what backward makes of it."""

MISTAKES = (
    Mistake("mask-of-dy", DX, "np.where(dy > 0, dy, 0)", ("mask-of-the-upstream",)),
    Mistake("no-mask", DX, "np.where(True, dy, 0)", ("mask-missing",)),
    Mistake("zero-counts", MASK, "x >= 0\n", ("gradient-at-zero",)),
    Mistake("half-at-zero", MASK, "np.where(x == 0, 0.5, x > 0)\n", ("gradient-at-zero",)),
    Mistake("leaky", Y, "np.where(x > 0, x, 0.01 * x)", ("leaky",)),
    Mistake("cut-off-at-six", Y, "np.clip(x, 0, 6)", ("cut-off-above",)),
    Mistake("cut-off-at-one", Y, "np.clip(x, 0, 1)", ("cut-off-above",)),
    Mistake("absolute-value", Y, "np.abs(x)", ("absolute-value",)),
    Mistake("minimum", Y, "np.minimum(x, 0)", ("minimum-instead-of-maximum",)),
    Mistake("max-for-maximum", Y, "np.max(x, 0)", ("maximum-along-an-axis",)),
    Mistake("unchanged", Y, "x.copy()", ("identity",)),
    Mistake("mask-itself", Y, "(x > 0).astype(x.dtype)", ("step-instead-of-ramp",)),
    Mistake("softplus", Y, "np.logaddexp(0, x)", ("another-activation",)),
    Mistake("softplus-that-overflows", Y, "np.log(1 + np.exp(x))", ("another-activation",)),
    Mistake("tanh", Y, "np.tanh(x)", ("another-activation",)),
    Mistake("sigmoid", Y, "1 / (1 + np.exp(-x))", ("another-activation",)),
    Mistake("elu", Y, "np.where(x > 0, x, np.exp(x) - 1)", ("another-activation",)),
    Mistake("negative-ones-removed", Y, "x[x > 0]", ("negative-numbers-removed",)),
    Mistake("compared-with-one", Y, "np.maximum(x, 1)", ("one-off",)),
    Mistake("compared-with-the-mean", Y, "np.maximum(x, x.mean())", ("compared-with-the-mean",)),
    Mistake("rows-decided", Y, "x * (x > 0).any(axis=-1, keepdims=True)", ("whole-rows-decided",)),
    Mistake("squared", Y, "x * np.maximum(x, 0)", ("squared",)),
    Mistake("whole-numbers", Y, "np.maximum(x, 0).astype(int)", ("truncated-to-integers",)),
    Mistake(
        "forward-in-place", RETURN, "positive = x > 0\n    x[~positive] = 0\n    return x, positive", ("input-changed",)
    ),
    Mistake("dy-in-place", BACKWARD, "dy[~positive] = 0\n    return dy", ("input-changed",)),
    Mistake("mask-inverted", DX, "np.where(positive, 0, dy)", ("mask-inverted",)),
    Mistake("mask-of-nonzero", MASK, "x != 0\n", ("mask-of-nonzero",)),
    Mistake("mask-of-magnitudes", MASK, "np.abs(x) > 1e-12\n", ("mask-of-nonzero",)),
    Mistake("mask-above-one", MASK, "x > 1\n", ("mask-one-off",)),
    Mistake("mask-with-tolerance", MASK, "x > 1e-5\n", ("threshold-above-zero", "tiny-numbers-mishandled")),
    Mistake(
        "mask-of-whole-rows",
        MASK,
        "np.broadcast_to((x > 0).any(axis=-1, keepdims=True), x.shape)\n",
        ("whole-rows-decided",),
    ),
    Mistake(
        "sign-as-mask",
        BETWEEN,
        "np.sign(x)\n\n\ndef relu_backward(dy, sign):\n    return (dy * sign)",
        ("slope-of-the-absolute-value",),
    ),
    Mistake(
        "x-as-mask",
        BETWEEN,
        "x\n\n\ndef relu_backward(dy, x):\n    return (dy * x)",
        ("multiplied-by-the-value",),
    ),
    Mistake(
        "y-as-mask",
        BETWEEN,
        "np.maximum(x, 0)\n\n\ndef relu_backward(dy, y):\n    return (dy * y)",
        ("multiplied-by-the-value",),
    ),
    Mistake("dy-not-used", DX, "np.where(positive, 1, 0)", ("upstream-ignored",)),
    Mistake("mask-of-both", DX, "np.where(positive & (dy > 0), dy, 0)", ("mask-of-the-upstream",)),
    Mistake("selected", DX, "dy[positive]", ("zeros-removed",)),
    Mistake("minus", DX, "np.where(positive, -dy, 0)", ("sign-flipped",)),
)
