"""gpu_coalescing: planted bugs."""

from __future__ import annotations

from ...exercise import Mistake

CORNER = "const int left = blockIdx.x * TILE, top = blockIdx.y * TILE;"
IN_X = "if (top + i < height && left + t < width) "
READ = "tile[i][t] = x[(top + i) * width + left + t];"
IN_Y = "if (left + i < width && top + t < height) "
WRITE = "y[(left + i) * height + top + t] = tile[t][i];"
BARRIER = "  __syncthreads();\n"
FIRST = "  for (int i = threadIdx.y; i < TILE; i += ROWS) {\n    " + IN_X
SECOND = "  for (int i = threadIdx.y; i < TILE; i += ROWS) {\n    " + IN_Y
BOUNDS = ("bounds-check-missing", "index-out-of-bounds", "several-threads-write-one-place", "blocks-write-one-place")

MISTAKES = (
    Mistake("no-barrier", BARRIER, "", ("barrier-missing",)),
    Mistake("warp-barrier", BARRIER, "  __syncwarp();\n", ("barrier-missing",)),
    Mistake(
        "barrier-in-a-branch", BARRIER, "  if (left + t < width) __syncthreads();\n", ("barrier-not-reached-by-all",)
    ),
    Mistake(
        "written-along-columns",
        SECOND + WRITE,
        FIRST + "y[(left + t) * height + top + i] = tile[i][t];",
        ("uncoalesced-access",),
    ),
    Mistake(
        "read-along-columns",
        FIRST + READ,
        "  for (int i = threadIdx.y; i < TILE; i += ROWS) {\n    if (top + t < height && left + i < width) "
        "tile[t][i] = x[(top + t) * width + left + i];",
        ("uncoalesced-access",),
    ),
    Mistake(
        "without-a-tile",
        READ,
        "y[(left + t) * height + top + i] = x[(top + i) * width + left + t];",
        ("uncoalesced-access", "shared-memory-not-filled", "several-threads-write-one-place", "barrier-missing"),
    ),
    Mistake("tile-not-turned", "= tile[t][i];", "= tile[i][t];", ("tile-not-transposed",)),
    Mistake("tile-turned-twice", "tile[i][t] = x", "tile[t][i] = x", ("tile-not-transposed",)),
    Mistake(
        "corner-not-turned",
        "y[(left + i) * height + top + t]",
        "y[(top + i) * height + left + t]",
        ("blocks-not-transposed", *BOUNDS),
    ),
    Mistake(
        "corner-and-check-not-turned",
        IN_Y + WRITE,
        "if (top + i < width && left + t < height) y[(top + i) * height + left + t] = tile[t][i];",
        ("blocks-not-transposed",),
    ),
    Mistake("rows-of-y-too-long", "* height + top", "* width + top", ("wrong-row-length", *BOUNDS)),
    Mistake("rows-of-x-too-long", "* width + left", "* height + left", ("wrong-row-length", *BOUNDS)),
    Mistake("no-check-of-x", IN_X, "", ("bounds-check-missing", "index-out-of-bounds")),
    Mistake("no-check-of-y", IN_Y, "", (*BOUNDS, "shared-memory-not-filled")),
    Mistake("rows-of-x-checked", IN_X, "if (top + i < height) ", BOUNDS),
    Mistake("check-of-x-again", IN_Y, IN_X, ("height-and-width-swapped", "shared-memory-not-filled", *BOUNDS)),
    Mistake(
        "checks-swapped",
        IN_X,
        "if (top + i < width && left + t < height) ",
        ("height-and-width-swapped", "shared-memory-not-filled", *BOUNDS),
    ),
    Mistake("one-too-many", "top + t < height", "top + t <= height", ("shared-memory-not-filled", *BOUNDS)),
    Mistake("one-too-few", "top + t < height", "top + t < height - 1", ("last-row-or-column-skipped",)),
    Mistake("last-column-of-x", "left + i < width &&", "left + i < width - 1 &&", ("last-row-or-column-skipped",)),
    Mistake(
        "one-row-each-read",
        FIRST,
        "  {\n    const int i = threadIdx.y;\n    " + IN_X,
        ("shared-memory-not-filled", "tile-part-missing"),
    ),
    Mistake("one-row-each-written", SECOND, "  {\n    const int i = threadIdx.y;\n    " + IN_Y, ("tile-part-missing",)),
    Mistake("steps-of-the-tile", SECOND, SECOND.replace("i += ROWS", "i += TILE"), ("tile-part-missing",)),
    Mistake(
        "rows-from-0",
        SECOND,
        SECOND.replace("i = threadIdx.y", "i = 0"),
        ("several-threads-write-one-place", "tile-part-missing"),
    ),
    Mistake("last-row-of-the-tile", SECOND, SECOND.replace("i < TILE;", "i < TILE - 1;"), ("tile-part-missing",)),
    Mistake(
        "beyond-the-tile", FIRST, FIRST.replace("i < TILE;", "i <= TILE;"), ("index-out-of-bounds", "barrier-missing")
    ),
    Mistake("tile-too-small", "tile[TILE][TILE + 1]", "tile[ROWS][TILE + 1]", ("index-out-of-bounds",)),
    Mistake(
        "block-ignored-along-x",
        "left = blockIdx.x * TILE",
        "left = 0",
        ("blocks-write-one-place", "block-ignored-along-one-axis"),
    ),
    Mistake(
        "block-ignored-along-y",
        "top = blockIdx.y * TILE",
        "top = 0",
        ("blocks-write-one-place", "block-ignored-along-one-axis"),
    ),
    Mistake(
        "block-axes-swapped",
        CORNER,
        "const int left = blockIdx.y * TILE, top = blockIdx.x * TILE;",
        ("blocks-swapped",),
    ),
    Mistake(
        "block-height-for-tile",
        "top = blockIdx.y * TILE",
        "top = blockIdx.y * ROWS",
        ("blocks-write-one-place", "tiles-overlap"),
    ),
    Mistake(
        "copy",
        "y[(left + i) * height + top + t] = tile[t][i];",
        "y[(top + t) * width + left + i] = tile[t][i];",
        ("not-transposed",),
    ),
    Mistake("upside-down", "tile[t][i];", "tile[TILE - 1 - t][i];", ("shared-memory-not-filled", "flipped-as-well")),
)
