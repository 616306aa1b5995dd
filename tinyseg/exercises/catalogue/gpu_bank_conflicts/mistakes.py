"""gpu_bank_conflicts: planted bugs."""

from __future__ import annotations

from ...exercise import Mistake

SHAPE = "(TILE, TILE + 1)"
TILES = "for left in range(0, width, TILE):"
INSIDE = "if top + r < height and left + t < width:"
ZERO = "            else:\n                tile[r, t] = 0.0\n"
LOADED = "        cuda.syncthreads()  # the tile is there\n"
ADD = "            total += tile[t, k]\n"
DONE = "        cuda.syncthreads()  # nobody needs it any more\n"
WRITE = "    if top + t < height:\n        sums[top + t] = total"
BOUNDS = ("bounds-check-missing", "index-out-of-bounds")

MISTAKES = (
    Mistake("rows-of-32", SHAPE, "(TILE, TILE)", ("bank-conflicts",)),
    Mistake("rows-of-34", SHAPE, "(TILE, TILE + 2)", ("bank-conflicts",)),
    Mistake("rows-of-48", SHAPE, "(TILE, TILE + 16)", ("bank-conflicts",)),
    Mistake("one-row-more", SHAPE, "(TILE + 1, TILE)", ("bank-conflicts",)),
    Mistake("no-first-barrier", LOADED, "", ("barrier-missing",)),
    Mistake("no-second-barrier", DONE, "", ("barrier-missing",)),
    Mistake(
        "no-barrier",
        LOADED + "        for k in range(TILE):\n" + ADD + DONE,
        "        for k in range(TILE):\n" + ADD,
        ("barrier-missing",),
    ),
    Mistake(
        "early-return",
        "    total = float32(0.0)\n",
        "    if top + t >= height:\n        return\n    total = float32(0.0)\n",
        ("barrier-not-reached-by-all",),
    ),
    Mistake(
        "sum-in-a-branch",
        "        for k in range(TILE):\n" + ADD + DONE,
        "        if top + t < height:\n            for k in range(TILE):\n                total += tile[t, k]\n"
        "            cuda.syncthreads()\n",
        ("barrier-not-reached-by-all",),
    ),
    Mistake("not-filled-outside", ZERO, "", ("shared-memory-not-filled",)),
    Mistake(
        "edge-repeated",
        ZERO,
        "            else:\n                tile[r, t] = x[min(top + r, height - 1), min(left + t, width - 1)]\n",
        ("edge-repeated",),
    ),
    Mistake("no-check-of-rows", INSIDE, "if left + t < width:", BOUNDS),
    Mistake("no-check-of-columns", INSIDE, "if top + r < height:", BOUNDS),
    Mistake("one-column-too-many", INSIDE, "if top + r < height and left + t <= width:", BOUNDS),
    Mistake("one-column-too-few", INSIDE, "if top + r < height and left + t < width - 1:", ("last-element-skipped",)),
    Mistake(
        "rows-read-by-threads",
        f"{INSIDE}\n                tile[r, t] = x[top + r, left + t]\n{ZERO}",
        "if top + t < height and left + r < width:\n                tile[t, r] = x[top + t, left + r]\n"
        "            else:\n                tile[t, r] = 0.0\n",
        ("uncoalesced-access",),
    ),
    Mistake(
        "without-a-tile",
        "        for r in range(TILE):\n            "
        + INSIDE
        + "\n                tile[r, t] = x[top + r, left + t]\n"
        + ZERO
        + LOADED
        + "        for k in range(TILE):\n"
        + ADD
        + DONE,
        "        for k in range(left, min(left + TILE, width)):\n"
        "            if top + t < height:\n                total += x[top + t, k]\n",
        ("uncoalesced-access",),
    ),
    Mistake("columns-summed", "total += tile[t, k]", "total += tile[k, t]", ("columns-for-rows",)),
    Mistake(
        "tile-turned",
        f"{INSIDE}\n                tile[r, t] = x[top + r, left + t]\n{ZERO}",
        f"{INSIDE}\n                tile[t, r] = x[top + r, left + t]\n{ZERO.replace('[r, t]', '[t, r]')}",
        ("columns-for-rows",),
    ),
    Mistake("diagonal-only", "total += tile[t, k]", "total += tile[t, t]", ("another-reduction",)),
    Mistake("one-tile", TILES, "for left in range(0, TILE, TILE):", ("only-the-first-tile",)),
    Mistake("whole-tiles", TILES, "for left in range(0, width - TILE + 1, TILE):", ("last-tile-missing",)),
    Mistake("from-the-second", TILES, "for left in range(TILE, width, TILE):", ("first-tile-missing",)),
    Mistake("step-of-one", TILES, "for left in range(width):", ("numbers-counted-again",)),
    Mistake("always-the-first-tile", "x[top + r, left + t]", "x[top + r, t]", ("first-tile-again-and-again",)),
    Mistake("begins-anew", LOADED, LOADED + "        total = float32(0.0)\n", ("only-the-last-tile",)),
    Mistake("not-to-the-end", "for k in range(TILE):", "for k in range(TILE - 1):", ("tile-not-summed-to-its-end",)),
    Mistake("from-one", "for k in range(TILE):", "for k in range(1, TILE):", ("tile-not-summed-to-its-end",)),
    Mistake("one-too-far", "for k in range(TILE):", "for k in range(TILE + 1):", ("shared-memory-not-filled",)),
    Mistake("overwrites", "total += tile", "total = tile", ("another-reduction",)),
    Mistake("subtracts", "total += tile", "total -= tile", ("another-reduction", "sign-flipped")),
    Mistake("maximum", "total += tile[t, k]", "total = max(total, tile[t, k])", ("another-reduction",)),
    Mistake("squares", "total += tile[t, k]", "total += tile[t, k] * tile[t, k]", ("another-reduction",)),
    Mistake("mean", "= total", "= total / width", ("another-reduction", "wrong-factor")),
    Mistake("block-ignored", "top = cuda.blockIdx.x * TILE", "top = 0", ("blocks-write-one-place", "block-ignored")),
    Mistake("written-by-thread", "sums[top + t]", "sums[t]", ("blocks-write-one-place",)),
    Mistake("no-check-of-sums", WRITE, "    sums[top + t] = total", BOUNDS),
    Mistake("one-sum-too-few", "    if top + t < height:", "    if top + t < height - 1:", ("last-element-skipped",)),
    Mistake("first-thread-writes", "    if top + t < height:", "    if t == 0:", ("some-threads-idle",)),
    Mistake("added-to-sums", "sums[top + t] =", "sums[top + t] +=", ("result-read-before-written",)),
    Mistake("integers", "= x[top + r, left + t]", "= int(x[top + r, left + t])", ("numbers-cut-to-integers",)),
)
