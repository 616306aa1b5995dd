"""unet: planted bugs."""

from __future__ import annotations

from ...exercise import Mistake

PAD = "    x = np.pad(x, [(0, 0), (0, -height % m), (0, -width % m), (0, 0)])\n"
M = "    m = 2**depth\n"
DOWN = "        x = conv(conv(x, filters * 2**level), filters * 2**level)\n        skips.append(x)\n"
POOL = "        x = pool(x)\n"
BOTTOM = "    x = conv(conv(x, filters * 2**depth), filters * 2**depth)\n"
UP = "        x = conv(up(x), filters * 2**level)\n"
JOIN = "        x = np.concatenate([skips.pop(), x], axis=-1)\n"
AFTER = JOIN + "        x = conv(conv(x, filters * 2**level), filters * 2**level)\n"
RETURN = "    return mix(x, classes)[:, :height, :width]\n"
LOOP = "for level in reversed(range(depth)):"

MISTAKES = (
    Mistake(
        "other-order", JOIN, JOIN.replace("[skips.pop(), x]", "[x, skips.pop()]"), ("concatenated-in-the-other-order",)
    ),
    Mistake("no-skip", JOIN, "", ("skips-missing",)),
    Mistake("added", JOIN, "        x = skips.pop() + x\n", ("skips-added",)),
    Mistake("averaged", JOIN, "        x = (skips.pop() + x) / 2\n", ("skips-added",)),
    Mistake("skip-alone", JOIN, "        x = skips.pop()\n", ("only-skips",)),
    Mistake("itself", JOIN, "        x = np.concatenate([x, x], axis=-1)\n", ("joined-with-itself",)),
    Mistake("first-skip-first", JOIN, JOIN.replace("pop()", "pop(0)"), ("exception", "levels-mishandled")),
    Mistake("always-the-last-skip", JOIN, JOIN.replace("skips.pop()", "skips[-1]"), ("exception",)),
    Mistake("along-the-width", JOIN, JOIN.replace("axis=-1", "axis=2"), ("only-skips",)),
    Mistake(
        "skip-before-the-convolutions",
        DOWN,
        "        skips.append(x)\n        x = conv(conv(x, filters * 2**level), filters * 2**level)\n",
        ("skip-taken-too-early",),
    ),
    Mistake(
        "skip-in-the-middle",
        DOWN,
        "        x = conv(x, filters * 2**level)\n        skips.append(x)\n        x = conv(x, filters * 2**level)\n",
        ("skip-taken-too-early",),
    ),
    Mistake(
        "skip-after-pooling",
        DOWN + POOL,
        DOWN.replace("        skips.append(x)\n", "") + POOL + "        skips.append(x)\n",
        ("exception",),
    ),
    Mistake(
        "one-conv-down",
        DOWN,
        DOWN.replace("conv(conv(x, filters * 2**level), filters * 2**level)", "conv(x, filters * 2**level)"),
        ("one-convolution-only",),
    ),
    Mistake("one-conv-at-the-bottom", BOTTOM, "    x = conv(x, filters * 2**depth)\n", ("one-convolution-only",)),
    Mistake("one-conv-up", AFTER, JOIN + "        x = conv(x, filters * 2**level)\n", ("one-convolution-only",)),
    Mistake("no-bottom", BOTTOM, "", ("convolutions-missing",)),
    Mistake("no-conv-up", AFTER, JOIN, ("convolutions-missing",)),
    Mistake("no-conv-down", DOWN, "        skips.append(x)\n", ("convolutions-missing",)),
    Mistake(
        "three-at-the-bottom", BOTTOM, BOTTOM + "    x = conv(x, filters * 2**depth)\n", ("one-convolution-too-many",)
    ),
    Mistake("no-up-conv", UP, "        x = up(x)\n", ("up-convolution-missing",)),
    Mistake("up-conv-too-wide", UP, UP.replace("2**level", "2 ** (level + 1)"), ("filters-doubled-once-too-often",)),
    Mistake(
        "no-doubling-at-the-bottom",
        BOTTOM,
        BOTTOM.replace("2**depth", "2 ** max(depth - 1, 0)"),
        ("filters-not-doubled",),
    ),
    Mistake(
        "bottom-doubled-twice",
        BOTTOM,
        BOTTOM.replace("2**depth", "2 ** (depth + 1)"),
        ("filters-doubled-once-too-often",),
    ),
    Mistake(
        "bottom-like-the-first-level", BOTTOM, BOTTOM.replace("filters * 2**depth", "filters"), ("filters-not-doubled",)
    ),
    Mistake("constant-down", DOWN, DOWN.replace("filters * 2**level", "filters"), ("filters-not-doubled",)),
    Mistake("constant-up", UP + AFTER, (UP + AFTER).replace("filters * 2**level", "filters"), ("filters-not-doubled",)),
    Mistake(
        "too-wide-after-joining",
        AFTER,
        AFTER.replace("2**level", "2 ** (level + 1)"),
        ("filters-doubled-once-too-often",),
    ),
    Mistake("up-from-the-first", LOOP, "for level in range(depth):", ("levels-in-the-wrong-order",)),
    Mistake("no-pooling", POOL, "", ("exception",)),
    Mistake("not-enlarged", UP, "        x = conv(x, filters * 2**level)\n", ("exception",)),
    Mistake(
        "depth-less-one",
        "    height, width = x.shape[1:3]\n",
        "    height, width = x.shape[1:3]\n    depth = max(depth - 1, 0)\n",
        ("depth-one-off",),
    ),
    Mistake(
        "depth-plus-one",
        "    height, width = x.shape[1:3]\n",
        "    height, width = x.shape[1:3]\n    depth = depth + 1\n",
        ("depth-one-off",),
    ),
    Mistake(
        "filters-of-the-image",
        "    height, width = x.shape[1:3]\n",
        "    height, width = x.shape[1:3]\n    filters = x.shape[-1]\n",
        ("filters-ignored",),
    ),
    Mistake("conv-at-the-end", RETURN, RETURN.replace("mix", "conv"), ("last-step-is-a-convolution",)),
    Mistake("no-scores", RETURN, "    return x[:, :height, :width]\n", ("last-step-missing",)),
    Mistake(
        "mixed-twice",
        RETURN,
        RETURN.replace("mix(x, classes)", "mix(conv(x, classes), classes)"),
        ("last-step-is-a-convolution",),
    ),
    Mistake(
        "softmax",
        RETURN,
        "    s = np.exp(mix(x, classes)[:, :height, :width])\n    return s / s.sum(axis=-1, keepdims=True)\n",
        ("scores-squashed",),
    ),
    Mistake("argmax", RETURN, RETURN.replace("\n", ".argmax(axis=-1)\n"), ("classes-instead-of-scores",)),
    Mistake("two-classes", RETURN, RETURN.replace("classes", "2"), ("classes-ignored",)),
    Mistake("not-filled-up", PAD, "", ("sizes-not-filled-up",)),
    Mistake("multiples-of-two", M, "    m = 2\n", ("sizes-not-filled-up", "exception")),
    Mistake(
        "filled-at-the-top",
        PAD,
        PAD.replace("(0, -height % m), (0, -width % m)", "(-height % m, 0), (-width % m, 0)"),
        ("cut-at-the-wrong-side",),
    ),
    Mistake(
        "filled-with-the-edge", PAD, PAD.replace("(0, 0)])", '(0, 0)], mode="edge")'), ("filled-up-with-other-numbers",)
    ),
    Mistake(
        "rows-and-columns-swapped",
        PAD,
        PAD.replace("(0, -height % m), (0, -width % m)", "(0, -width % m), (0, -height % m)"),
        ("sizes-not-filled-up", "exception"),
    ),
    Mistake("not-cut", RETURN, "    return mix(x, classes)\n", ("not-cut-back",)),
    Mistake("cut-at-the-top", RETURN, "    return mix(x, classes)[:, -height:, -width:]\n", ("cut-at-the-wrong-side",)),
    Mistake("cut-before", PAD, "    x = x[:, : height // m * m, : width // m * m]\n", ("cut-instead-of-filled-up",)),
    Mistake("halves", PAD, PAD + "    x = x.astype(np.float32)\n", ("precision-lost",)),
)
