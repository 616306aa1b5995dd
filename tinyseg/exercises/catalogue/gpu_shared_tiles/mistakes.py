"""gpu_shared_tiles: planted bugs."""

from __future__ import annotations

from ...exercise import Mistake

LOOP = "for (int start = 0; start < k; start += TILE)"
LOAD_A = "a_tile[y][x] = row < m && start + x < k ? a[row * k + start + x] : 0.0f;"
LOAD_B = "b_tile[y][x] = start + y < k && column < n ? b[(start + y) * n + column] : 0.0f;"
LOADED = "    __syncthreads();  // the tiles are there\n"
DONE = "    __syncthreads();  // nobody needs them any more\n"
ADD = "for (int j = 0; j < TILE; j++) sum += a_tile[y][j] * b_tile[j][x];"
WRITE = "if (row < m && column < n) c[row * n + column] = sum;"
BOUNDS = ("bounds-check-missing", "index-out-of-bounds")
COLUMN = "const int column = blockIdx.x * TILE + x;"
ROW = "const int row = blockIdx.y * TILE + y;"

MISTAKES = (
    Mistake("no-first-barrier", LOADED, "", ("barrier-missing",)),
    Mistake("no-second-barrier", DONE, "", ("barrier-missing",)),
    Mistake("no-barrier", LOADED + "    " + ADD + "\n" + DONE, "    " + ADD + "\n", ("barrier-missing",)),
    Mistake("warp-barrier", LOADED, "    __syncwarp();\n", ("barrier-missing",)),
    Mistake(
        "early-return",
        "  float sum = 0.0f;\n",
        "  if (row >= m || column >= n) return;\n  float sum = 0.0f;\n",
        ("barrier-not-reached-by-all",),
    ),
    Mistake(
        "work-in-a-branch",
        LOADED + "    " + ADD + "\n" + DONE,
        "    if (row < m && column < n) {\n  " + LOADED + "      " + ADD + "\n  " + DONE + "    }\n",
        ("barrier-not-reached-by-all",),
    ),
    Mistake(
        "loaded-inside-only",
        LOAD_A,
        "if (row < m && start + x < k) a_tile[y][x] = a[row * k + start + x];",
        ("shared-memory-not-filled",),
    ),
    Mistake("no-check-of-b", LOAD_B, "b_tile[y][x] = b[(start + y) * n + column];", BOUNDS),
    Mistake("no-check-of-rows", LOAD_A, "a_tile[y][x] = start + x < k ? a[row * k + start + x] : 0.0f;", BOUNDS),
    Mistake("no-check-of-k", LOAD_A, "a_tile[y][x] = row < m ? a[row * k + start + x] : 0.0f;", BOUNDS),
    Mistake(
        "edges-repeated",
        f"{LOAD_A}\n    {LOAD_B}",
        "a_tile[y][x] = a[min(row, m - 1) * k + min(start + x, k - 1)];\n"
        "    b_tile[y][x] = b[min(start + y, k - 1) * n + min(column, n - 1)];",
        ("edge-repeated",),
    ),
    Mistake(
        "no-check-of-c",
        WRITE,
        "c[row * n + column] = sum;",
        (*BOUNDS, "blocks-write-one-place", "several-threads-write-one-place"),
    ),
    Mistake(
        "one-too-many-in-c",
        "if (row < m && column < n)",
        "if (row < m && column <= n)",
        (*BOUNDS, "blocks-write-one-place", "several-threads-write-one-place"),
    ),
    Mistake("whole-tiles-only", LOOP, "for (int start = 0; start + TILE <= k; start += TILE)", ("last-tile-missing",)),
    Mistake(
        "number-of-tiles-rounded-down",
        LOOP,
        "for (int start = 0; start < k / TILE * TILE; start += TILE)",
        ("last-tile-missing",),
    ),
    Mistake("one-tile", LOOP, "for (int start = 0; start < TILE; start += TILE)", ("only-the-first-tile",)),
    Mistake("from-the-second", "int start = 0;", "int start = TILE;", ("first-tile-missing",)),
    Mistake("sum-begins-anew", ADD, "sum = 0.0f;\n    " + ADD, ("only-the-last-tile",)),
    Mistake("always-the-first-tile-of-a", "a[row * k + start + x]", "a[row * k + x]", ("first-tile-again-and-again",)),
    Mistake("always-the-first-tile-of-b", "b[(start + y) * n", "b[y * n", ("first-tile-again-and-again",)),
    Mistake("step-of-one", "start += TILE", "start++", ("products-counted-again",)),
    Mistake("tile-not-to-its-end", "j < TILE;", "j < TILE - 1;", ("tile-not-summed-to-its-end",)),
    Mistake(
        "tile-beyond-its-end",
        "j < TILE;",
        "j <= TILE;",
        ("index-out-of-bounds", "barrier-missing", "shared-memory-not-filled"),
    ),
    Mistake("tile-from-one", "int j = 0;", "int j = 1;", ("tile-not-summed-to-its-end",)),
    Mistake("a-tile-transposed", "a_tile[y][j] *", "a_tile[j][y] *", ("matrix-read-transposed",)),
    Mistake("b-tile-transposed", "b_tile[j][x];", "b_tile[x][j];", ("matrix-read-transposed",)),
    Mistake(
        "places-swapped-in-the-sum",
        "a_tile[y][j] * b_tile[j][x]",
        "a_tile[x][j] * b_tile[j][y]",
        ("result-tile-transposed",),
    ),
    Mistake(
        "same-place-in-both", "a_tile[y][j] * b_tile[j][x]", "a_tile[y][j] * b_tile[y][x]", ("index-does-not-run",)
    ),
    Mistake("rows-of-a-have-length-m", "a[row * k +", "a[row * m +", ("wrong-row-length",)),
    Mistake("rows-of-b-have-length-k", "b[(start + y) * n +", "b[(start + y) * k +", ("wrong-row-length",)),
    Mistake("rows-of-c-have-length-m", "c[row * n + column]", "c[row * m + column]", ("wrong-row-length",)),
    Mistake("c-transposed", "c[row * n + column]", "c[column * m + row]", ("written-transposed",)),
    Mistake(
        "x-counts-rows",
        f"{COLUMN}\n  {ROW}",
        "const int column = blockIdx.y * TILE + y;\n  const int row = blockIdx.x * TILE + x;",
        ("height-and-width-swapped",),
    ),
    Mistake("block-ignored-in-column", COLUMN, "const int column = x;", ("block-ignored-along-one-axis",)),
    Mistake("block-ignored-in-row", ROW, "const int row = y;", ("block-ignored-along-one-axis",)),
    Mistake("added-to-c", WRITE, WRITE.replace("= sum", "+= sum"), ("result-read-before-written",)),
    Mistake(
        "block-axes-swapped",
        f"{COLUMN}\n  {ROW}",
        f"{COLUMN.replace('blockIdx.x', 'blockIdx.y')}\n  {ROW.replace('blockIdx.y', 'blockIdx.x')}",
        ("blocks-swapped",),
    ),
    Mistake("minus", "sum += a_tile", "sum -= a_tile", ("sign-flipped",)),
    Mistake(
        "no-tiles",
        f"{LOAD_A}\n    {LOAD_B}\n{LOADED}    {ADD}\n",
        "for (int j = start; j < start + TILE && j < k; j++)\n"
        "      if (row < m && column < n) sum += a[row * k + j] * b[j * n + column];\n",
        ("too-many-global-reads",),
    ),
)
