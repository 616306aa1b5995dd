"""gpu_bounds: planted bugs."""

from __future__ import annotations

from ...exercise import Mistake

START = "    i = cuda.grid(1)\n"
STEP = "    step = cuda.gridsize(1)\n"
LOOP = "    while i < x.size:\n"
LINE = "        y[i] = (x[i] - mean) * scale\n"
NEXT = "        i += step"
FORMULA = "(x[i] - mean) * scale"

MISTAKES = (
    Mistake("no-bounds-no-loop", LOOP + LINE + NEXT, "    y[i] = (x[i] - mean) * scale", ("bounds-check-missing",)),
    Mistake("no-loop", LOOP, "    if i < x.size:\n", ("grid-stride-missing",)),
    Mistake("one-too-many", "i < x.size", "i <= x.size", ("bounds-check-missing", "index-out-of-bounds")),
    Mistake("one-too-few", "i < x.size", "i < x.size - 1", ("last-element-skipped",)),
    Mistake(
        "step-of-a-block",
        STEP,
        "    step = cuda.blockDim.x\n",
        ("blocks-write-one-place", "several-threads-write-one-place"),
    ),
    Mistake(
        "step-of-blocks",
        STEP,
        "    step = cuda.gridDim.x\n",
        ("several-threads-write-one-place", "blocks-write-one-place"),
    ),
    Mistake("step-one", STEP, "    step = 1\n", ("several-threads-write-one-place", "blocks-write-one-place")),
    Mistake("step-too-long", STEP, "    step = cuda.gridsize(1) + 1\n", ("wrong-grid-stride",)),
    Mistake("step-twice", STEP, "    step = 2 * cuda.gridsize(1)\n", ("wrong-grid-stride",)),
    Mistake(
        "step-of-32",
        STEP,
        "    step = 32\n",
        ("wrong-grid-stride", "several-threads-write-one-place", "blocks-write-one-place"),
    ),
    Mistake(
        "start-in-the-block",
        START,
        "    i = cuda.threadIdx.x\n",
        ("blocks-write-one-place", "local-start", "block-ignored"),
    ),
    Mistake("start-at-the-block", START, "    i = cuda.blockIdx.x * cuda.blockDim.x\n", ("thread-ignored",)),
    Mistake("start-with-the-block", START, "    i = cuda.blockIdx.x\n", ("thread-ignored",)),
    Mistake("start-at-one", START, "    i = cuda.grid(1) + 1\n", ("index-one-off", "first-element-skipped")),
    Mistake(
        "step-first",
        LINE + NEXT,
        "        i += step\n" + LINE.rstrip("\n"),
        ("index-out-of-bounds", "bounds-check-missing", "first-round-skipped"),
    ),
    Mistake("without-0", LOOP + LINE, LOOP + "        if i:\n    " + LINE, ("first-element-skipped",)),
    Mistake(
        "two-rounds",
        LOOP + LINE + NEXT,
        "    for k in range(2):\n        if i < x.size:\n            y[i] = (x[i] - mean) * scale\n        i += step",
        ("rounds-counted",),
    ),
    Mistake(
        "whole-rounds",
        LOOP + LINE + NEXT,
        "    for k in range(x.size // step):\n        y[i] = (x[i] - mean) * scale\n        i += step",
        ("last-block-ignored",),
    ),
    Mistake(
        "bounds-by-the-grid", "i < x.size", "i < cuda.gridsize(1)", ("bounds-check-missing", "grid-stride-missing")
    ),
    Mistake(
        "checked-once",
        LOOP + LINE + NEXT,
        "    if i < x.size:\n        for k in range(i, x.size + step, step):\n            y[k] = (x[k] - mean) * scale",
        ("index-out-of-bounds", "bounds-check-missing"),
    ),
    Mistake(
        "all-to-the-end",
        LOOP + LINE + NEXT,
        "    for k in range(i, x.size):\n        y[k] = (x[k] - mean) * scale",
        ("several-threads-write-one-place", "blocks-write-one-place"),
    ),
    Mistake(
        "one-thread-does-all",
        LOOP + LINE + NEXT,
        "    if i == 0:\n        for k in range(x.size):\n            y[k] = (x[k] - mean) * scale",
        ("one-thread-does-the-work",),
    ),
    Mistake("right-neighbour", "x[i]", "x[i + 1]", ("index-one-off",)),
    Mistake("left-neighbour", "x[i]", "x[i - 1]", ("index-one-off",)),
    Mistake("written-to-the-right", "y[i]", "y[i + 1]", ("index-one-off",)),
    Mistake("product-first", FORMULA, "x[i] - mean * scale", ("wrong-formula",)),
    Mistake("mean-added", FORMULA, "(x[i] + mean) * scale", ("wrong-formula",)),
    Mistake("turned-round", FORMULA, "(mean - x[i]) * scale", ("wrong-formula", "sign-flipped")),
    Mistake("divided", FORMULA, "(x[i] - mean) / scale", ("wrong-formula",)),
    Mistake("no-scale", FORMULA, "x[i] - mean", ("wrong-formula",)),
    Mistake("no-mean", FORMULA, "x[i] * scale", ("wrong-formula",)),
    Mistake("mean-and-scale-swapped", FORMULA, "(x[i] - scale) * mean", ("wrong-formula",)),
    Mistake("integers", FORMULA, "int((x[i] - mean) * scale)", ("truncated-to-integers",)),
    Mistake("in-place", "y[i] = (x[i]", "x[i] = (x[i]", ("nothing-written", "input-changed")),
)
