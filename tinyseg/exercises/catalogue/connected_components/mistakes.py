"""connected_components: planted bugs."""

from __future__ import annotations

from ...exercise import Mistake

STEPS = "steps = EDGES + CORNERS if connectivity == 8 else EDGES"
INSIDE = "if 0 <= a < height and 0 <= b < width and mask[a, b] != 0 and labels[a, b] == 0:"
NEW = "if mask[i, j] == 0 or labels[i, j] > 0:"
RETURN = "    return labels, count\n"
EDGES = "EDGES = [(-1, 0), (1, 0), (0, -1), (0, 1)]"
CORNERS = "CORNERS = [(-1, -1), (-1, 1), (1, -1), (1, 1)]"
ZEROS = "labels = np.zeros((height, width), int)"
WALK = (
    "            while pending:\n"
    "                y, x = pending.pop()\n"
    "                for dy, dx in steps:\n"
    "                    a, b = y + dy, x + dx\n"
    "                    if 0 <= a < height and 0 <= b < width and mask[a, b] != 0 and labels[a, b] == 0:\n"
    "                        labels[a, b] = count\n"
    "                        pending.append((a, b))\n"
)
RECURSIVE = (
    "            def visit(y, x):\n"
    "                labels[y, x] = count\n"
    "                for dy, dx in steps:\n"
    "                    a, b = y + dy, x + dx\n"
    "                    if 0 <= a < height and 0 <= b < width and mask[a, b] != 0{test}:\n"
    "                        visit(a, b)\n"
    "            visit(i, j)\n"
)
RENUMBER = (
    "    order = sorted(range(1, count + 1), key=lambda k: {key})\n"
    "    new = np.zeros_like(labels)\n"
    "    for number, k in enumerate(order, 1):\n"
    "        new[labels == k] = number\n"
    "    return new, count\n"
)


def _renumbered(name: str, key: str) -> Mistake:
    return Mistake(name, RETURN, RENUMBER.format(key=key), ("numbered-in-another-order",))


MISTAKES = (
    Mistake("only-edges", STEPS, "steps = EDGES", ("diagonals-ignored",)),
    Mistake("always-corners", STEPS, "steps = EDGES + CORNERS", ("diagonals-always-joined",)),
    Mistake("four-and-eight-swapped", "connectivity == 8 else", "connectivity == 4 else", ("connectivities-swapped",)),
    Mistake("corners-without-edges", STEPS, "steps = CORNERS if connectivity == 8 else EDGES", ("only-diagonals",)),
    Mistake("one-corner-twice", CORNERS, "CORNERS = [(-1, -1), (-1, -1), (1, -1), (1, 1)]", ("a-neighbour-forgotten",)),
    Mistake("rising-diagonal-only", CORNERS, "CORNERS = [(-1, 1), (1, -1)]", ("a-diagonal-forgotten",)),
    Mistake("falling-diagonal-only", CORNERS, "CORNERS = [(-1, -1), (1, 1)]", ("a-diagonal-forgotten",)),
    Mistake("three-edges", EDGES, "EDGES = [(1, 0), (0, -1), (0, 1)]", ("a-neighbour-forgotten",)),
    Mistake("never-left", EDGES, "EDGES = [(-1, 0), (1, 0), (0, 1)]", ("a-neighbour-forgotten",)),
    Mistake(
        "right-and-down",
        STEPS,
        "steps = [(0, 1), (1, 0)] + [(1, 1), (1, -1)] * (connectivity == 8)",
        ("labels-never-merged", "grows-in-some-directions-only"),
    ),
    Mistake("rows-only", EDGES, "EDGES = [(0, -1), (0, 1)]", ("joined-along-one-axis-only", "a-neighbour-forgotten")),
    Mistake("two-steps", EDGES, "EDGES = [(-1, 0), (1, 0), (0, -1), (0, 1), (0, 2), (0, -2)]", ("grows-too-far",)),
    Mistake(
        "wraps-above-and-left",
        INSIDE,
        "if a < height and b < width and mask[a, b] != 0 and labels[a, b] == 0:",
        ("wraps-around", "exception"),
    ),
    Mistake("no-test-of-the-border", INSIDE, "if mask[a, b] != 0 and labels[a, b] == 0:", ("wraps-around",)),
    Mistake(
        "modulo",
        "a, b = y + dy, x + dx",
        "a, b = (y + dy) % height, (x + dx) % width",
        ("wraps-around",),
    ),
    Mistake(
        "first-row-and-column-not-reached",
        INSIDE,
        "if 0 < a < height and 0 < b < width and mask[a, b] != 0 and labels[a, b] == 0:",
        ("walk-ends-before-the-border",),
    ),
    Mistake(
        "last-row-and-column-not-reached",
        INSIDE,
        "if 0 <= a < height - 1 and 0 <= b < width - 1 and mask[a, b] != 0 and labels[a, b] == 0:",
        ("walk-ends-before-the-border",),
    ),
    Mistake(
        "rows-from-one", "for i in range(height):", "for i in range(1, height):", ("search-leaves-out-the-border",)
    ),
    Mistake(
        "columns-without-the-last",
        "for j in range(width):",
        "for j in range(width - 1):",
        ("search-leaves-out-the-border",),
    ),
    Mistake(
        "height-and-width-swapped",
        "height, width = mask.shape",
        "width, height = mask.shape",
        ("height-and-width-swapped",),
    ),
    Mistake(
        "columns-before-rows",
        "    for i in range(height):\n        for j in range(width):\n",
        "    for j in range(width):\n        for i in range(height):\n",
        ("numbered-in-another-order",),
    ),
    Mistake(
        "from-the-end",
        "for i in range(height):",
        "for i in reversed(range(height)):",
        ("numbered-in-another-order",),
    ),
    _renumbered("by-size", "-(labels == k).sum()"),
    _renumbered("by-last-pixel", "np.flatnonzero(labels == k).max()"),
    _renumbered("by-box", "np.argwhere(labels == k).min(axis=0).tolist()"),
    _renumbered("by-centre", "np.argwhere(labels == k).mean(axis=0).tolist()"),
    Mistake("only-ones", NEW, "if mask[i, j] != 1 or labels[i, j] > 0:", ("regions-begin-at-one-number-only",)),
    Mistake(
        "equal-numbers-only",
        INSIDE,
        "if 0 <= a < height and 0 <= b < width and mask[a, b] == mask[y, x] and labels[a, b] == 0:",
        ("regions-split-by-their-numbers",),
    ),
    Mistake("background-too", NEW, "if labels[i, j] > 0:", ("regions-begin-in-the-background",)),
    Mistake(
        "background-only",
        "    labels = np.zeros((height, width), int)\n",
        "    labels = np.zeros((height, width), int)\n    mask = mask == 0\n",
        ("background-instead-of-foreground",),
    ),
    Mistake("from-zero", "    count = 0\n", "    count = -1\n", ("time-out",)),
    Mistake("from-two", "    count = 0\n", "    count = 1\n", ("numbered-from-two",)),
    Mistake("labels-like-the-mask", ZEROS, "labels = np.zeros_like(mask)", ("labels-in-the-type-of-the-mask",)),
    Mistake(
        "labels-of-8-bits", ZEROS, "labels = np.zeros((height, width), np.uint8)", ("exception", "labels-in-8-bits")
    ),
    Mistake("floats-minus-one", RETURN, "    return labels - 1, count\n", ("numbered-from-zero",)),
    Mistake("count-with-background", RETURN, "    return labels, len(np.unique(labels))\n", ("count-one-too-high",)),
    Mistake("count-without-the-last", RETURN, "    return labels, count - 1\n", ("count-one-too-low",)),
    Mistake("count-of-pixels", RETURN, "    return labels, (labels > 0).sum()\n", ("pixels-counted",)),
    Mistake("results-swapped", RETURN, "    return count, labels\n", ("results-in-wrong-order",)),
    Mistake("labels-alone", RETURN, "    return labels\n", ("wrong-return",)),
    Mistake(
        "one-neighbour-deep",
        "                        pending.append((a, b))\n",
        "",
        ("only-direct-neighbours",),
    ),
    Mistake(
        "label-not-written",
        "                        labels[a, b] = count\n                        pending.append((a, b))\n",
        "                        labels[a, b] = count\n",
        ("only-direct-neighbours",),
    ),
    Mistake("recursion", WALK, RECURSIVE.format(test=" and labels[a, b] == 0"), ("recursion-too-deep",)),
    Mistake("recursion-without-end", WALK, RECURSIVE.format(test=""), ("recursion-never-ends",)),
    Mistake(
        "first-neighbour-only",
        "                        pending.append((a, b))\n",
        "                        pending.append((a, b))\n                        break\n",
        ("only-one-neighbour-followed",),
    ),
    Mistake(
        "count-at-each-pixel",
        "                        labels[a, b] = count\n",
        "                        count += 1\n                        labels[a, b] = count\n",
        ("every-pixel-its-own-region",),
    ),
    Mistake(
        "mask-erased",
        "            count += 1\n",
        "            count += 1\n            mask[i, j] = 0\n",
        ("input-changed",),
    ),
    Mistake(
        "one-pass",
        "            count += 1\n            labels[i, j] = count\n            pending = [(i, j)]\n",
        "            near = [labels[i - 1, j]] if i else []\n"
        "            near += [labels[i, j - 1]] if j else []\n"
        "            if connectivity == 8 and i:\n"
        "                near += [labels[i - 1, b] for b in (j - 1, j + 1) if 0 <= b < width]\n"
        "            near = [k for k in near if k > 0]\n"
        "            if not near:\n"
        "                count += 1\n"
        "            labels[i, j] = min(near) if near else count\n"
        "            pending = []\n",
        ("labels-never-merged",),
    ),
)
