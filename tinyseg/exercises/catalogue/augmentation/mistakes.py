"""augmentation: planted bugs."""

from __future__ import annotations

from ...exercise import Mistake

IMAGE_CROP = "        image = image[top : top + height, left : left + width]\n"
MASK_CROP = "        mask = mask[top : top + height, left : left + width]\n"
CROP = "        top, left, height, width = crop\n"
FLIP = "        image, mask = image[:, ::-1], mask[:, ::-1]\n"
IF_FLIP = "    if flip:\n" + FLIP
TURN = "    image, mask = np.rot90(image, turns), np.rot90(mask, turns)\n"
Y = "    y = (np.arange(height) - (height - 1) / 2) / zoom + (height - 1) / 2 - shift[0]\n"
X = "    x = (np.arange(width) - (width - 1) / 2) / zoom + (width - 1) / 2 - shift[1]\n"
INSIDE = "    inside = ((y >= 0) & (y <= height - 1))[:, None] & ((x >= 0) & (x <= width - 1))\n"
NEAREST = "    nearest = mask[np.floor(y + 0.5).astype(int)][:, np.floor(x + 0.5).astype(int)]\n"
VOID = "    mask = np.where(inside, nearest, void)\n"
WEIGHTS = "    a, b = (y - r)[:, None, None], (x - c)[:, None]\n"
ZERO = "    image = np.where(inside[..., None], upper * (1 - a) + lower * a, 0)\n"
COLOURS = "    image = image * contrast + brightness\n"
RETURN = "    return image.astype(kinds[0]), mask.astype(kinds[1])\n"


def _y(name: str, old: str, new: str, *causes: str) -> Mistake:
    """Change the formulas of y and x in the same way."""
    return Mistake(name, Y + X, (Y + X).replace(old, new), causes)


MISTAKES = (
    Mistake("mask-not-cropped", MASK_CROP, "", ("exception", "mask-not-changed")),
    Mistake("crop-of-left-and-top", CROP, "        left, top, height, width = crop\n", ("crop-read-wrongly",)),
    Mistake("crop-of-width-and-height", CROP, "        top, left, width, height = crop\n", ("crop-read-wrongly",)),
    Mistake(
        "crop-with-ends",
        IMAGE_CROP + MASK_CROP,
        "        image, mask = image[top:height, left:width], mask[top:height, left:width]\n",
        ("crop-read-wrongly",),
    ),
    Mistake(
        "crop-one-too-many",
        IMAGE_CROP + MASK_CROP,
        "        height, width = height + 1, width + 1\n" + IMAGE_CROP + MASK_CROP,
        ("crop-read-wrongly",),
    ),
    Mistake(
        "crop-in-the-corner",
        IMAGE_CROP + MASK_CROP,
        "        image, mask = image[:height, :width], mask[:height, :width]\n",
        ("crop-read-wrongly",),
    ),
    Mistake("image-flipped-alone", FLIP, "        image = image[:, ::-1]\n", ("mask-not-changed",)),
    Mistake("mask-flipped-alone", FLIP, "        mask = mask[:, ::-1]\n", ("image-not-changed",)),
    Mistake("upside-down", FLIP, "        image, mask = image[::-1], mask[::-1]\n", ("flipped-upside-down",)),
    Mistake(
        "mask-upside-down",
        FLIP,
        "        image, mask = image[:, ::-1], mask[::-1]\n",
        ("mask-flipped-upside-down",),
    ),
    Mistake("both-axes", FLIP, "        image, mask = image[::-1, ::-1], mask[::-1, ::-1]\n", ("flipped-upside-down",)),
    Mistake("always-flipped", "    if flip:\n", "    if True:\n", ("flip-not-as-asked",)),
    Mistake("turned-with-the-clock", TURN, TURN.replace("turns", "-turns"), ("turned-the-other-way",)),
    Mistake(
        "mask-with-the-clock",
        TURN,
        TURN.replace("(mask, turns)", "(mask, -turns)"),
        ("mask-turned-the-other-way", "exception"),
    ),
    Mistake("one-turn", TURN, TURN.replace("turns", "min(turns, 1)"), ("turned-once-at-most",)),
    Mistake("turned-before-the-flip", IF_FLIP + TURN, TURN + IF_FLIP, ("steps-in-another-order",)),
    Mistake("no-turns", TURN, "", ("step-missing",)),
    Mistake("image-turned-alone", TURN, "    image = np.rot90(image, turns)\n", ("exception", "mask-not-changed")),
    _y("other-direction", "- shift", "+ shift", "shifted-the-other-way"),
    Mistake("other-direction-in-rows", Y, Y.replace("- shift", "+ shift"), ("shifted-the-other-way",)),
    Mistake(
        "shift-swapped",
        Y + X,
        Y.replace("shift[0]", "shift[1]") + X.replace("shift[1]", "shift[0]"),
        ("shift-swapped",),
    ),
    Mistake("shift-as-integers", Y, "    shift = (int(shift[0]), int(shift[1]))\n" + Y, ("shift-rounded",)),
    _y("zoom-inverted", "/ zoom", "* zoom", "zoomed-the-other-way"),
    Mistake(
        "shift-divided-by-zoom",
        Y,
        "    shift = (shift[0] / zoom, shift[1] / zoom)\n" + Y,
        ("shift-and-zoom-in-another-order",),
    ),
    _y("no-zoom", " / zoom", "", "step-missing"),
    Mistake(
        "zoom-from-the-corner",
        Y + X,
        "    y = np.arange(height) / zoom - shift[0]\n    x = np.arange(width) / zoom - shift[1]\n",
        ("zoomed-about-another-point",),
    ),
    Mistake(
        "half-a-pixel-off",
        Y + X,
        Y.replace("(height - 1) / 2", "height / 2") + X.replace("(width - 1) / 2", "width / 2"),
        ("zoomed-about-another-point",),
    ),
    Mistake(
        "middle-of-the-rows-for-both",
        X,
        X.replace("(width - 1) / 2", "(height - 1) / 2"),
        ("zoomed-about-another-point",),
    ),
    Mistake(
        "rounded-down",
        NEAREST,
        "    nearest = mask[y.astype(int)][:, x.astype(int)]\n",
        ("mask-from-the-wrong-pixel",),
    ),
    Mistake(
        "rounded-up",
        NEAREST,
        "    nearest = mask[np.ceil(y).astype(int)][:, np.ceil(x).astype(int)]\n",
        ("mask-from-the-wrong-pixel",),
    ),
    Mistake("void-forgotten", VOID, VOID.replace("void", "0"), ("void-not-used",)),
    Mistake("void-always-255", VOID, VOID.replace("void", "255"), ("void-not-used",)),
    Mistake("mask-not-filled", VOID, "    mask = nearest\n", ("outside-not-filled",)),
    Mistake("image-not-filled", ZERO, "    image = upper * (1 - a) + lower * a\n", ("outside-not-filled",)),
    Mistake(
        "image-filled-with-void", ZERO, ZERO.replace("lower * a, 0)", "lower * a, void)"), ("image-filled-with-void",)
    ),
    Mistake(
        "half-a-pixel-more",
        INSIDE,
        "    inside = ((y >= -0.5) & (y <= height - 0.5))[:, None] & ((x >= -0.5) & (x <= width - 0.5))\n",
        ("outside-begins-later",),
    ),
    Mistake(
        "nothing-outside-at-the-end",
        INSIDE,
        "    inside = (y >= 0)[:, None] & (x >= 0)\n",
        ("outside-at-one-end-only",),
    ),
    Mistake(
        "nothing-outside-at-the-beginning",
        INSIDE,
        "    inside = (y <= height - 1)[:, None] & (x <= width - 1)\n",
        ("outside-at-one-end-only",),
    ),
    Mistake(
        "weights-swapped",
        WEIGHTS,
        "    a, b = 1 - (y - r)[:, None, None], 1 - (x - c)[:, None]\n",
        ("interpolation-weights-exchanged",),
    ),
    Mistake(
        "only-rows",
        WEIGHTS,
        "    a, b = (y - r)[:, None, None], (x - c)[:, None] * 0\n",
        ("interpolated-along-one-axis-only",),
    ),
    Mistake(
        "only-columns",
        WEIGHTS,
        "    a, b = (y - r)[:, None, None] * 0, (x - c)[:, None]\n",
        ("interpolated-along-one-axis-only",),
    ),
    Mistake(
        "image-from-the-nearest",
        WEIGHTS,
        "    a, b = np.round(y - r)[:, None, None], np.round(x - c)[:, None]\n",
        ("image-not-interpolated",),
    ),
    Mistake("image-rounded-down", WEIGHTS, "    a, b = 0, 0\n", ("image-not-interpolated",)),
    Mistake("no-contrast", COLOURS, "    image = image + brightness\n", ("contrast-ignored",)),
    Mistake("no-brightness", COLOURS, "    image = image * contrast\n", ("brightness-ignored",)),
    Mistake(
        "brightness-first", COLOURS, "    image = (image + brightness) * contrast\n", ("brightness-before-contrast",)
    ),
    Mistake(
        "around-the-mean",
        COLOURS,
        "    image = (image - image.mean()) * contrast + image.mean() + brightness\n",
        ("contrast-around-the-mean",),
    ),
    Mistake("clipped", COLOURS, "    image = np.clip(image * contrast + brightness, 0, 1)\n", ("colours-clipped",)),
    Mistake(
        "colours-before-filling",
        "    if crop is not None:\n",
        COLOURS + "    contrast, brightness = 1, 0\n    if crop is not None:\n",
        ("colours-not-where-filled",),
    ),
    Mistake("mask-coloured", COLOURS, COLOURS + "    mask = mask * contrast + brightness\n", ("colours-of-the-mask",)),
    Mistake(
        "mask-interpolated",
        VOID,
        "    r, c = y.astype(int), x.astype(int)\n"
        "    below, beside = np.minimum(r + 1, height - 1), np.minimum(c + 1, width - 1)\n"
        "    a, b = (y - r)[:, None], x - c\n"
        "    upper = mask[r][:, c] * (1 - b) + mask[r][:, beside] * b\n"
        "    lower = mask[below][:, c] * (1 - b) + mask[below][:, beside] * b\n"
        "    mask = np.where(inside, upper * (1 - a) + lower * a, void)\n",
        ("mask-interpolated",),
    ),
    Mistake("floats-of-32-bits", RETURN, "    return image.astype(np.float32), mask\n", ("precision-lost",)),
    Mistake(
        "swapped", RETURN, "    return mask.astype(kinds[1]), image.astype(kinds[0])\n", ("results-in-wrong-order",)
    ),
    Mistake("image-alone", RETURN, "    return image.astype(kinds[0])\n", ("wrong-return",)),
    Mistake(
        "written-into",
        "    kinds = image.dtype, mask.dtype\n",
        "    kinds = image.dtype, mask.dtype\n    image -= 0.0\n    mask[mask == 4] = 3\n",
        ("input-changed",),
    ),
)
