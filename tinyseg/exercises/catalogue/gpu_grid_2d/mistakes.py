"""gpu_grid_2d: planted bugs."""

from __future__ import annotations

from ...exercise import Mistake

COLUMN = "const int column = blockIdx.x * blockDim.x + threadIdx.x;"
ROW = "const int row = blockIdx.y * blockDim.y + threadIdx.y;"
CHECK = "  if (row >= height || column >= width) return;\n"
PIXEL = "const int pixel = row * width + column;"
SUM = "0.299f * p[0] + 0.587f * p[1] + 0.114f * p[2]"

MISTAKES = (
    Mistake(
        "x-counts-rows",
        f"{COLUMN}\n  {ROW}",
        f"{COLUMN.replace('column', 'row')}\n  {ROW.replace('row', 'column')}",
        ("height-and-width-swapped", "uncoalesced-access"),
    ),
    Mistake("no-check", CHECK, "", ("column-check-missing", "row-check-missing", "bounds-check-missing")),
    Mistake("rows-checked", CHECK, "  if (row >= height) return;\n", ("column-check-missing",)),
    Mistake("columns-checked", CHECK, "  if (column >= width) return;\n", ("row-check-missing",)),
    Mistake(
        "and-for-or",
        "height || column",
        "height && column",
        ("column-check-missing", "row-check-missing", "bounds-check-missing"),
    ),
    Mistake("rows-one-too-many", "row >= height", "row > height", ("row-check-missing", "bounds-check-missing")),
    Mistake("columns-one-too-many", "column >= width", "column > width", ("column-check-missing",)),
    Mistake(
        "checks-swapped",
        "row >= height || column >= width",
        "row >= width || column >= height",
        ("height-and-width-swapped",),
    ),
    Mistake("rows-one-too-few", "row >= height", "row >= height - 1", ("last-row-or-column-skipped",)),
    Mistake("columns-one-too-few", "column >= width", "column >= width - 1", ("last-row-or-column-skipped",)),
    Mistake("rows-of-height", PIXEL, PIXEL.replace("width", "height"), ("height-and-width-swapped",)),
    Mistake("column-first", PIXEL, "const int pixel = column * height + row;", ("uncoalesced-access",)),
    Mistake("column-times-width", PIXEL, "const int pixel = column * width + row;", ("height-and-width-swapped",)),
    Mistake("row-plus-column", PIXEL, "const int pixel = row + column;", ("rows-overlap",)),
    Mistake("rows-shorter", PIXEL, "const int pixel = row * (width - 1) + column;", ("row-length-one-off",)),
    Mistake(
        "rows-of-the-grid",
        PIXEL,
        "const int pixel = row * gridDim.x * blockDim.x + column;",
        ("row-length-of-the-grid",),
    ),
    Mistake("rows-of-a-block", PIXEL, "const int pixel = row * blockDim.x + column;", ("row-length-of-the-grid",)),
    Mistake("block-ignored-in-column", COLUMN, "const int column = threadIdx.x;", ("block-ignored-along-one-axis",)),
    Mistake("block-ignored-in-row", ROW, "const int row = threadIdx.y;", ("block-ignored-along-one-axis",)),
    Mistake("block-sizes-swapped", ROW, ROW.replace("blockDim.y", "blockDim.x"), ("block-sizes-swapped",)),
    Mistake("grid-for-block", COLUMN, COLUMN.replace("blockDim", "gridDim"), ("grid-size-for-block-size",)),
    Mistake("red-and-blue-swapped", SUM, "0.299f * p[2] + 0.587f * p[1] + 0.114f * p[0]", ("channels-swapped",)),
    Mistake("one-dimension-y", ROW, "const int row = blockIdx.y;", ("thread-ignored-along-one-axis",)),
    Mistake(
        "planes",
        "const float *p = rgb + 3 * pixel;\n  y[pixel] = " + SUM,
        "const int n = height * width;\n  y[pixel] = 0.299f * rgb[pixel] + 0.587f * rgb[pixel + n] + "
        "0.114f * rgb[pixel + 2 * n]",
        ("planes-assumed",),
    ),
    Mistake("not-times-three", "rgb + 3 * pixel", "rgb + pixel", ("pixel-not-times-three",)),
    Mistake("four-channels", "rgb + 3 * pixel", "rgb + 4 * pixel", ("four-channels-assumed", "index-out-of-bounds")),
    Mistake("mean-of-channels", SUM, "(p[0] + p[1] + p[2]) / 3", ("wrong-formula",)),
    Mistake("no-blue", " + 0.114f * p[2];", ";", ("wrong-formula",)),
    Mistake("channels-from-one", SUM, "0.299f * p[1] + 0.587f * p[2] + 0.114f * p[3]", ("channel-one-off",)),
    Mistake(
        "red-thrice", SUM, "0.299f * p[0] + 0.587f * p[0] + 0.114f * p[0]", ("one-channel-three-times", "wrong-formula")
    ),
    Mistake(
        "integers", "y[pixel] = " + SUM, "const int grey = " + SUM + "; y[pixel] = grey", ("truncated-to-integers",)
    ),
    Mistake("digits-swapped", "0.114f", "0.144f", ("wrong-formula",)),
    Mistake("added-to-y", "y[pixel] =", "y[pixel] +=", ("result-read-before-written",)),
    Mistake(
        "upside-down",
        "y[pixel] =",
        "y[(height - 1 - row) * width + column] =",
        ("rows-in-the-opposite-order", "flipped"),
    ),
)
