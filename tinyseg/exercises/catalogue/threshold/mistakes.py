"""threshold: planted bugs."""

from __future__ import annotations

from ...exercise import Mistake

COMPARE = "    mask = image > t\n"
RETURN = "    return ~mask if invert else mask\n"


def _compare(name: str, after: str, *causes: str) -> Mistake:
    return Mistake(name, COMPARE, after, causes)


def _return(name: str, after: str, *causes: str) -> Mistake:
    return Mistake(name, RETURN, after, causes)


MISTAKES = (
    _compare("greater-or-equal", "    mask = image >= t\n", "equal-counts-as-brighter"),
    _compare("less", "    mask = image < t\n", "darker-instead-of-brighter"),
    Mistake(
        "default-turned-round",
        "def threshold(image, *, t, invert=False):\n",
        "def threshold(image, *, t, invert=True):\n",
        ("default-inverted",),
    ),
    _compare("equal", "    mask = image == t\n", "equality-tested"),
    _compare("int-of-t", "    mask = image > int(t)\n", "threshold-rounded"),
    _compare("t-rounded", "    mask = image > round(t)\n", "threshold-rounded"),
    _compare("difference", "    mask = (image - t) > 0\n", "difference-wraps-around"),
    _compare("t-in-8-bits", "    mask = image > int(t) % 256\n", "threshold-wraps-around"),
    _compare("clipped-t", "    mask = image > min(max(t, 0), 255)\n", "threshold-cut-to-the-range"),
    _compare("half-of-uint8", "    mask = image > 127\n", "fixed-threshold"),
    _compare("mean", "    mask = image > image.mean()\n", "threshold-from-the-image"),
    _compare("share-of-the-maximum", "    mask = image > t * image.max()\n", "threshold-as-a-share"),
    _compare("t-divided-by-255", "    mask = image > t / 255\n", "scales-differ"),
    _compare("image-divided-by-255", "    mask = image / 255 > t\n", "scales-differ"),
    _compare("image-as-integers", '    mask = image.astype("int64") > t\n', "image-rounded"),
    _compare("magnitudes", "    mask = abs(image) > t\n", "sign-of-the-pixels-lost"),
    _compare("t-plus-one", "    mask = image >= t + 1\n", "threshold-one-off", "threshold-rounded"),
    _compare(
        "last-row-forgotten",
        "    mask = image > t\n    mask[-1] = False\n",
        "last-row-missing",
    ),
    _compare(
        "image-overwritten",
        "    mask = image > t\n    image[mask] = 255\n",
        "input-changed",
    ),
    _compare(
        "two-loops-and-a-colour-image",
        "    mask = (image > t) & False\n"
        "    for i in range(image.shape[0]):\n"
        "        for j in range(image.shape[1]):\n"
        "            if image[i, j] > t:\n"
        "                mask[i, j] = True\n",
        "exception",
    ),
    _compare(
        "loop-ends-early",
        "    mask = (image > t) & False\n"
        "    for i in range(image.shape[0]):\n"
        "        for j in range(image.shape[1] - 1):\n"
        "            mask[i, j] = image[i, j] > t\n",
        "last-column-missing",
    ),
    _compare(
        "height-and-width-swapped",
        "    mask = (image > t) & False\n"
        "    height, width = image.shape[1], image.shape[0]\n"
        "    for i in range(height):\n"
        "        for j in range(width):\n"
        "            mask[i, j] = image[i, j] > t\n",
        "exception",
        "height-and-width-swapped",
    ),
    _compare(
        "mean-of-the-channels",
        "    mask = (image.mean(axis=-1) if image.ndim == 3 else image) > t\n",
        "channels-put-together",
    ),
    _compare(
        "any-channel",
        "    mask = image > t\n    if image.ndim == 3:\n        mask[...] = mask.any(axis=-1, keepdims=True)\n",
        "channels-decided-together",
    ),
    _compare(
        "every-channel",
        "    mask = (image > t).all(axis=-1) if image.ndim == 3 else image > t\n",
        "channels-put-together",
    ),
    _return("no-invert", "    return mask\n", "invert-ignored"),
    _return("always", "    return ~mask\n", "always-inverted"),
    _return("wrong-way-round", "    return mask if invert else ~mask\n", "darker-instead-of-brighter"),
    _return("smaller-for-invert", "    return image < t if invert else mask\n", "equal-in-no-mask"),
    _return("image-inverted", "    return 255 - image > t if invert else mask\n", "image-inverted-instead-of-the-mask"),
    _return("as-an-image", "    return 255 * (~mask if invert else mask)\n", "mask-of-255"),
    _return("multiplied", "    return image * (~mask if invert else mask)\n", "image-instead-of-mask"),
    _return("picked-out", "    return image[~mask if invert else mask]\n", "pixels-picked-out"),
    _return("nothing-returned", "    mask = ~mask if invert else mask\n", "result-missing"),
    _return("counted", "    return (~mask if invert else mask).sum()\n", "pixels-counted"),
    _return("transposed", "    return (~mask if invert else mask).T\n", "transposed"),
    _return("complement-of-integers", "    return ~(mask * 1) if invert else mask * 1\n", "bits-inverted"),
    _return("minus", "    return -1.0 * mask if invert else 1.0 * mask\n", "mask-made-negative"),
)
