"""grad_cam: planted bugs."""

from __future__ import annotations

from ...exercise import Mistake

WEIGHTS = "weights = gradients.mean(axis=(1, 2), keepdims=True)"
HEAT = "heat = np.maximum((activations * weights).sum(axis=-1), 0)"
LARGEST = "largest = heat.max(axis=(1, 2), keepdims=True)"
DIVIDED = "heat = heat / np.where(largest > 0, largest, 1)"
ROWS = "rows = np.arange(size[0]) * heat.shape[1] // size[0]"
COLUMNS = "columns = np.arange(size[1]) * heat.shape[2] // size[1]"
BOTH = f"    {ROWS}\n    {COLUMNS}\n"
RETURN = "return heat[:, rows][:, :, columns]"


def _weights(name: str, after: str, *causes: str) -> Mistake:
    return Mistake(name, WEIGHTS, "weights = " + after, causes)


def _heat(name: str, after: str, *causes: str) -> Mistake:
    return Mistake(name, HEAT, "heat = " + after, causes)


MISTAKES = (
    _weights("mean-of-the-batch", "gradients.mean(axis=(0, 1, 2))", "weights-for-all-images"),
    _weights("first-image", "gradients[:1].mean(axis=(1, 2), keepdims=True)", "weights-of-the-first-image"),
    _weights("place-by-place", "gradients", "gradients-not-averaged"),
    _weights("mean-over-channels", "gradients.mean(axis=-1, keepdims=True)", "weights-over-the-wrong-axes"),
    _weights("mean-over-columns", "gradients.mean(axis=2, keepdims=True)", "weights-over-the-wrong-axes"),
    _weights("one-weight-for-all", "gradients.mean(axis=(1, 2, 3), keepdims=True)", "weights-over-the-wrong-axes"),
    _weights("of-the-activations", "activations.mean(axis=(1, 2), keepdims=True)", "activations-instead-of-gradients"),
    _weights("magnitudes", "np.abs(gradients).mean(axis=(1, 2), keepdims=True)", "weights-sign-lost"),
    _weights("magnitude-of-the-mean", "np.abs(gradients.mean(axis=(1, 2), keepdims=True))", "weights-sign-lost"),
    _weights(
        "positive-gradients", "np.maximum(gradients, 0).mean(axis=(1, 2), keepdims=True)", "negative-weights-lost"
    ),
    _weights("positive-weights", "np.maximum(gradients.mean(axis=(1, 2), keepdims=True), 0)", "negative-weights-lost"),
    _weights("maximum", "gradients.max(axis=(1, 2), keepdims=True)", "largest-gradient-as-weight"),
    _weights("minus", "-gradients.mean(axis=(1, 2), keepdims=True)", "weights-sign-flipped"),
    _weights("none", "np.ones_like(gradients)", "gradients-ignored"),
    _weights(
        "times-activations",
        "(gradients * activations).mean(axis=(1, 2), keepdims=True)",
        "weights-by-gradient-and-activation",
    ),
    _weights("axes-lost", "gradients.mean(axis=(1, 2))", "exception"),
    _heat("no-relu", "(activations * weights).sum(axis=-1)", "relu-missing"),
    _heat("absolute", "np.abs((activations * weights).sum(axis=-1))", "absolute-value-instead-of-relu"),
    _heat("relu-inside", "np.maximum(activations * weights, 0).sum(axis=-1)", "relu-before-the-sum"),
    _heat("relu-of-activations", "(np.maximum(activations, 0) * weights).sum(axis=-1)", "relu-of-the-activations"),
    _heat("maximum-over-channels", "np.maximum((activations * weights).max(axis=-1), 0)", "largest-instead-of-sum"),
    _heat("minimum", "np.minimum((activations * weights).sum(axis=-1), 0)", "negative-part-shown", "all-zero"),
    _heat("gradients-alone", "np.maximum(gradients.sum(axis=-1), 0)", "activations-ignored"),
    _heat("not-summed", "np.maximum(activations * weights, 0)", "exception", "channels-not-summed"),
    _heat("summed-over-rows", "np.maximum((activations * weights).sum(axis=1), 0)", "summed-over-the-wrong-axis"),
    Mistake("maximum-of-the-batch", LARGEST, "largest = heat.max()", ("one-maximum-for-all-images",)),
    Mistake("maximum-of-rows", LARGEST, "largest = heat.max(axis=2, keepdims=True)", ("maximum-of-each-row",)),
    Mistake("sum-of-the-map", LARGEST, "largest = heat.sum(axis=(1, 2), keepdims=True)", ("divided-by-the-sum",)),
    Mistake("division-by-zero", DIVIDED, "heat = heat / largest", ("divided-by-a-maximum-of-zero",)),
    Mistake("epsilon", DIVIDED, "heat = heat / (largest + 1e-3)", ("constant-added-to-the-maximum",)),
    Mistake("not-divided", DIVIDED, "heat = heat * 1", ("not-normalised",)),
    Mistake("at-least-one", DIVIDED, "heat = heat / np.maximum(largest, 1)", ("maximum-made-at-least-one",)),
    Mistake(
        "minimum-subtracted",
        DIVIDED,
        "low = heat.min(axis=(1, 2), keepdims=True)\n"
        "    heat = (heat - low) / np.where(largest > low, largest - low, 1)",
        ("smallest-subtracted",),
    ),
    Mistake("to-255", DIVIDED, "heat = 255 * heat / np.where(largest > 0, largest, 1)", ("in-the-range-to-255",)),
    Mistake("tanh", DIVIDED, "heat = np.tanh(heat)", ("squashed",)),
    Mistake("cut-at-one", DIVIDED, "heat = np.minimum(heat, 1)", ("squashed",)),
    Mistake("not-enlarged", RETURN, "return heat", ("not-enlarged",)),
    Mistake(
        "tiled",
        BOTH,
        "    rows = np.arange(size[0]) % heat.shape[1]\n    columns = np.arange(size[1]) % heat.shape[2]\n",
        ("tiled-instead-of-enlarged",),
    ),
    Mistake("size-swapped", BOTH, "    size = size[::-1]\n" + BOTH, ("size-swapped",)),
    Mistake(
        "whole-factors",
        RETURN,
        "return np.kron(heat, np.ones((1, size[0] // heat.shape[1], size[1] // heat.shape[2]), heat.dtype))",
        ("factor-rounded",),
    ),
    Mistake(
        "places-rounded",
        BOTH,
        "    rows = np.minimum(np.round(np.arange(size[0]) * heat.shape[1] / size[0]).astype(int), heat.shape[1] - 1)\n"
        "    columns = np.round(np.arange(size[1]) * heat.shape[2] / size[1]).astype(int)\n"
        "    columns = np.minimum(columns, heat.shape[2] - 1)\n",
        ("places-rounded",),
    ),
    Mistake(
        "corner-to-corner",
        BOTH,
        "    rows = np.linspace(0, heat.shape[1] - 1, size[0]).round().astype(int)\n"
        "    columns = np.linspace(0, heat.shape[2] - 1, size[1]).round().astype(int)\n",
        ("corners-aligned",),
    ),
    Mistake("one-row-too-far", ROWS, "rows = np.arange(1, size[0] + 1) * heat.shape[1] // size[0]", ("exception",)),
    Mistake("columns-as-rows", COLUMNS, "columns = rows", ("height-and-width-swapped", "exception")),
    Mistake("narrowed", RETURN, RETURN + ".astype(np.float32)", ("precision-lost",)),
    Mistake("first-image-only", RETURN, RETURN + "[0]", ("only-the-first-image",)),
    Mistake(
        "in-place",
        HEAT,
        "activations *= weights\n    heat = np.maximum(activations.sum(axis=-1), 0)",
        ("input-changed",),
    ),
)
