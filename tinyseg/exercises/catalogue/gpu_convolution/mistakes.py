"""gpu_convolution: planted bugs."""

from __future__ import annotations

from ...exercise import Mistake

CORNER = "top, left = cuda.blockIdx.y * BLOCK - 1, cuda.blockIdx.x * BLOCK - 1"
ROWS = "for a in range(ty, BLOCK + 2, BLOCK):"
COLUMNS = "for b in range(tx, BLOCK + 2, BLOCK):"
INSIDE = "if 0 <= top + a < height and 0 <= left + b < width:"
ZERO = "            else:\n                tile[a, b] = 0.0\n"
BARRIER = "    cuda.syncthreads()  # the tile is there\n"
GRID = "column, row = cuda.grid(2)"
CHECK = "if row < height and column < width:"
TAP = "tile[ty + i, tx + j] * kernel[i, j]"
WRITE = "y[row, column] = total"
BOUNDS = ("bounds-check-missing", "index-out-of-bounds")

MISTAKES = (
    Mistake("no-barrier", BARRIER, "", ("barrier-missing",)),
    Mistake("warp-barrier", BARRIER, "    cuda.syncwarp()\n", ("barrier-missing",)),
    Mistake(
        "barrier-in-the-branch",
        BARRIER + "    " + GRID + "\n    " + CHECK + "\n",
        "    " + GRID + "\n    " + CHECK + "\n        cuda.syncthreads()\n",
        ("barrier-not-reached-by-all",),
    ),
    Mistake(
        "early-return",
        "    " + CORNER + "\n",
        "    " + CORNER + "\n    if left + 1 + tx >= width or top + 1 + ty >= height:\n        return\n",
        ("barrier-not-reached-by-all",),
    ),
    Mistake(
        "no-halo",
        f"    {ROWS}\n        {COLUMNS}\n",
        "    for a in range(ty + 1, ty + 2):\n        for b in range(tx + 1, tx + 2):\n",
        ("shared-memory-not-filled",),
    ),
    Mistake("no-rest-of-the-rows", ROWS, "for a in range(ty, BLOCK, BLOCK):", ("shared-memory-not-filled",)),
    Mistake("no-rest-of-the-columns", COLUMNS, "for b in range(tx, BLOCK + 1, BLOCK):", ("shared-memory-not-filled",)),
    Mistake("outside-not-zero", ZERO, "", ("shared-memory-not-filled",)),
    Mistake("no-check-of-the-image", INSIDE, "if True:", BOUNDS),
    Mistake("no-check-above-and-left", INSIDE, "if top + a < height and left + b < width:", BOUNDS),
    Mistake("no-check-below-and-right", INSIDE, "if 0 <= top + a and 0 <= left + b:", BOUNDS),
    Mistake("first-row-outside", INSIDE, INSIDE.replace("0 <= top", "0 < top"), ("image-cut-off",)),
    Mistake("first-column-outside", INSIDE, INSIDE.replace("0 <= left", "0 < left"), ("image-cut-off",)),
    Mistake("last-row-too-many", INSIDE, INSIDE.replace("a < height", "a <= height"), BOUNDS),
    Mistake("last-column-outside", INSIDE, INSIDE.replace("b < width", "b < width - 1"), ("image-cut-off",)),
    Mistake(
        "edges-repeated",
        ZERO,
        "            else:\n                tile[a, b] = "
        "x[min(max(top + a, 0), height - 1), min(max(left + b, 0), width - 1)]\n",
        ("edge-repeated",),
    ),
    Mistake(
        "halo-zero",
        INSIDE,
        "if 0 < a < BLOCK + 1 and 0 < b < BLOCK + 1 and top + a < height and left + b < width:",
        ("halo-is-zero",),
    ),
    Mistake(
        "corners-zero",
        INSIDE,
        INSIDE[:-1] + " and (0 < a < BLOCK + 1 or 0 < b < BLOCK + 1):",
        ("corners-of-the-halo-are-zero",),
    ),
    Mistake(
        "tile-not-moved", CORNER, "top, left = cuda.blockIdx.y * BLOCK, cuda.blockIdx.x * BLOCK", ("window-moved",)
    ),
    Mistake("tile-moved-twice", CORNER, CORNER.replace("- 1", "- 2"), ("window-moved",)),
    Mistake("tile-moved-down", CORNER, CORNER.replace("BLOCK - 1, cuda", "BLOCK, cuda"), ("window-moved",)),
    Mistake(
        "axes-of-blocks-swapped",
        CORNER,
        "top, left = cuda.blockIdx.x * BLOCK - 1, cuda.blockIdx.y * BLOCK - 1",
        ("blocks-swapped",),
    ),
    Mistake("row-and-column-swapped", GRID, "row, column = cuda.grid(2)", ("result-tile-transposed",)),
    Mistake("threads-swapped-in-the-sum", "tile[ty + i, tx + j]", "tile[tx + i, ty + j]", ("result-tile-transposed",)),
    Mistake("kernel-turned", "kernel[i, j]", "kernel[2 - i, 2 - j]", ("kernel-flipped",)),
    Mistake("kernel-turned-along-rows", "kernel[i, j]", "kernel[2 - i, j]", ("kernel-flipped",)),
    Mistake("kernel-transposed", "kernel[i, j]", "kernel[j, i]", ("kernel-transposed",)),
    Mistake(
        "window-in-the-middle",
        "tile[ty + i, tx + j]",
        "tile[ty + 1 + i, tx + 1 + j]",
        ("window-moved", "index-out-of-bounds"),
    ),
    Mistake("window-does-not-run", "tile[ty + i, tx + j]", "tile[ty + 1, tx + 1]", ("window-does-not-run",)),
    Mistake("two-columns-of-taps", "for j in range(3):", "for j in range(2):", ("taps-left-out",)),
    Mistake("two-rows-of-taps", "for i in range(3):", "for i in range(2):", ("taps-left-out",)),
    Mistake("diagonal", TAP, "tile[ty + i, tx + i] * kernel[i, i]", ("taps-left-out",)),
    Mistake("last-tap-only", "total += tile", "total = tile", ("taps-left-out",)),
    Mistake("mean", WRITE, "y[row, column] = total / 9", ("wrong-formula", "wrong-factor")),
    Mistake("integers", WRITE, "y[row, column] = int(total)", ("truncated-to-integers",)),
    Mistake("no-check-of-y", CHECK, "if True:", BOUNDS),
    Mistake(
        "height-and-width-swapped", CHECK, "if row < width and column < height:", ("height-and-width-swapped", *BOUNDS)
    ),
    Mistake("one-row-too-few", CHECK, "if row < height - 1 and column < width:", ("last-row-or-column-skipped",)),
    Mistake("border-not-computed", CHECK, "if 0 < row < height - 1 and 0 < column < width - 1:", ("border-left-out",)),
    Mistake("written-in-the-block", WRITE, "y[ty, tx] = total", ("blocks-write-one-place", *BOUNDS)),
    Mistake(
        "without-a-tile",
        TAP,
        "(x[row + i - 1, column + j - 1] if 0 <= row + i - 1 < height and "
        "0 <= column + j - 1 < width else float32(0.0)) * kernel[i, j]",
        ("too-many-global-reads",),
    ),
)
