"""conv2d_im2col: planted bugs."""

from __future__ import annotations

from ...exercise import Mistake

COPY = "windows[:, :, :, i, j] = x[:, i : i + sh * oh : sh, j : j + sw * ow : sw]"
SIZE = "oh, ow = (x.shape[1] - kh) // sh + 1, (x.shape[2] - kw) // sw + 1"
FLAT = "columns = windows.reshape(len(x) * oh * ow, kh * kw * channels)"
PRODUCT = "y = columns @ kernel.reshape(kh * kw * channels, filters) + bias"
RETURN = "return columns, y.reshape(len(x), oh, ow, filters)"
ROWS = "rows = dy.reshape(images * oh * ow, filters)"
TO_COLUMNS = "dcolumns = rows @ kernel.reshape(kh * kw * channels, filters).T"
TO_KERNEL = "dkernel = (columns.T @ rows).reshape(kernel.shape)"
SPLIT = "dwindows = dcolumns.reshape(images, oh, ow, kh, kw, channels)"
TO_X = "dx[:, i : i + sh * oh : sh, j : j + sw * ow : sw] += dwindows[:, :, :, i, j]"
BACK = "return dcolumns, dx, dkernel, rows.sum(axis=0)"

MISTAKES = (
    # forward
    Mistake(
        "taps-not-shifted",
        COPY,
        "windows[:, :, :, i, j] = x[:, : sh * oh : sh, : sw * ow : sw]",
        ("tap-offset-missing",),
    ),
    Mistake("stride-missing", COPY, "windows[:, :, :, i, j] = x[:, i : i + oh, j : j + ow]", ("stride-ignored",)),
    Mistake(
        "stride-in-rows-only",
        COPY,
        "windows[:, :, :, i, j] = x[:, i : i + sh * oh : sh, j : j + ow]",
        ("stride-ignored-in-one-axis",),
    ),
    Mistake(
        "taps-swapped",
        COPY,
        COPY.replace("[:, :, :, i, j]", "[:, :, :, j, i]"),
        ("kernel-height-and-width-swapped", "columns-in-another-order", "exception"),
    ),
    Mistake(
        "taps-from-the-end",
        COPY,
        COPY.replace("[:, :, :, i, j]", "[:, :, :, kh - 1 - i, kw - 1 - j]"),
        ("taps-reversed",),
    ),
    Mistake("strides-swapped", "sh, sw = strides", "sw, sh = strides", ("strides-swapped",)),
    Mistake("one-stride", "sh, sw = strides", "sh = sw = strides[0]", ("one-stride-for-both-axes",)),
    Mistake(
        "last-tap-row",
        "for i in range(kh):\n        for j in range(kw):\n            windows",
        "for i in range(kh - 1):\n        for j in range(kw):\n            windows",
        ("last-tap-row-missing",),
    ),
    Mistake(
        "size-without-one",
        SIZE,
        "oh, ow = (x.shape[1] - kh) // sh, (x.shape[2] - kw) // sw",
        ("output-size-without-plus-one", "output-one-too-few"),
    ),
    Mistake(
        "size-rounded-down",
        SIZE,
        "oh, ow = x.shape[1] // sh, x.shape[2] // sw",
        ("exception", "output-size-rounded-down"),
    ),
    Mistake(
        "channels-first",
        FLAT,
        "columns = windows.transpose(0, 1, 2, 5, 3, 4).reshape(-1, kh * kw * channels)",
        ("columns-in-another-order",),
    ),
    Mistake(
        "channels-first-in-both",
        f"{FLAT}\n    {PRODUCT}",
        "columns = windows.transpose(0, 1, 2, 5, 3, 4).reshape(-1, kh * kw * channels)\n"
        "    y = columns @ kernel.transpose(2, 0, 1, 3).reshape(-1, filters) + bias",
        ("columns-in-another-order",),
    ),
    Mistake(
        "images-fastest",
        FLAT,
        "columns = windows.transpose(1, 2, 0, 3, 4, 5).reshape(-1, kh * kw * channels)",
        ("rows-in-another-order",),
    ),
    Mistake("transposed-at-the-end", RETURN, RETURN.replace("return columns,", "return columns.T,"), ("transposed",)),
    Mistake(
        "six-axes", RETURN, RETURN.replace("return columns,", "return windows,"), ("right-numbers-in-another-shape",)
    ),
    Mistake(
        "kernel-order",
        PRODUCT,
        "y = columns @ kernel.transpose(2, 0, 1, 3).reshape(-1, filters) + bias",
        ("columns-in-another-order", "reshaped-instead-of-transposed"),
    ),
    Mistake(
        "kernel-filters-first",
        PRODUCT,
        "y = columns @ kernel.reshape(filters, -1).T + bias",
        ("kernel-channels-not-swapped", "reshaped-instead-of-transposed"),
    ),
    Mistake(
        "kernel-turned", PRODUCT, "y = columns @ kernel[::-1, ::-1].reshape(-1, filters) + bias", ("kernel-flipped",)
    ),
    Mistake("bias-missing", PRODUCT, PRODUCT.replace(" + bias", ""), ("bias-missing",)),
    Mistake("bias-of-filter-0", PRODUCT, PRODUCT.replace("+ bias", "+ bias[0]"), ("bias-one-for-all",)),
    Mistake("mean", PRODUCT, PRODUCT.replace("filters) +", "filters) / columns.shape[1] +"), ("product-scaled",)),
    Mistake(
        "y-by-filters",
        RETURN,
        "return columns, y.T.reshape(len(x), oh, ow, filters)",
        ("reshaped-instead-of-transposed",),
    ),
    Mistake("y-flat", RETURN, "return columns, y", ("right-numbers-in-another-shape", "flattened")),
    Mistake("y-first", RETURN, "return y.reshape(len(x), oh, ow, filters), columns", ("results-in-wrong-order",)),
    # backward
    Mistake(
        "dy-transposed",
        ROWS,
        "rows = dy.transpose(0, 3, 1, 2).reshape(-1, filters)",
        ("reshaped-instead-of-transposed",),
    ),
    Mistake(
        "dcolumns-kernel-reshaped",
        TO_COLUMNS,
        "dcolumns = rows @ kernel.reshape(filters, -1)",
        ("kernel-channels-not-swapped", "reshaped-instead-of-transposed"),
    ),
    Mistake(
        "dcolumns-kernel-turned",
        TO_COLUMNS,
        "dcolumns = rows @ kernel[::-1, ::-1].reshape(-1, filters).T",
        ("kernel-flipped",),
    ),
    Mistake(
        "dcolumns-order",
        TO_COLUMNS,
        "dcolumns = rows @ kernel.transpose(2, 0, 1, 3).reshape(-1, filters).T",
        ("columns-in-another-order",),
    ),
    Mistake(
        "dcolumns-first-filter",
        TO_COLUMNS,
        "dcolumns = rows[:, :1] @ kernel.reshape(-1, filters).T[:1]",
        ("only-first-filter",),
    ),
    Mistake("dcolumns-sign", TO_COLUMNS, "dcolumns = -rows @ kernel.reshape(-1, filters).T", ("sign-flipped",)),
    Mistake(
        "dkernel-mean", TO_KERNEL, "dkernel = (columns.T @ rows / len(rows)).reshape(kernel.shape)", ("wrong-factor",)
    ),
    Mistake(
        "dkernel-flat",
        TO_KERNEL,
        "dkernel = columns.T @ rows",
        ("kernel-gradient-not-reshaped", "right-numbers-in-another-shape"),
    ),
    Mistake(
        "dkernel-transposed",
        TO_KERNEL,
        "dkernel = (rows.T @ columns).reshape(kernel.shape)",
        ("kernel-gradient-transposed", "reshaped-instead-of-transposed", "kernel-channels-not-swapped"),
    ),
    Mistake(
        "dkernel-squared-columns",
        TO_KERNEL,
        "dkernel = ((columns * columns).T @ rows).reshape(kernel.shape)",
        ("pixels-squared",),
    ),
    Mistake(
        "dkernel-signs-of-dy",
        TO_KERNEL,
        "dkernel = (columns.T @ abs(rows)).reshape(kernel.shape)",
        ("upstream-sign-lost",),
    ),
    Mistake(
        "split-taps-last",
        SPLIT,
        "dwindows = dcolumns.reshape(images, oh, ow, channels, kh, kw).transpose(0, 1, 2, 4, 5, 3)",
        ("reshaped-instead-of-transposed", "columns-in-another-order"),
    ),
    Mistake("dx-assigned", TO_X, TO_X.replace("+=", "="), ("overlaps-overwritten",)),
    Mistake(
        "dx-not-shifted",
        TO_X,
        "dx[:, : sh * oh : sh, : sw * ow : sw] += dwindows[:, :, :, i, j]",
        ("tap-offset-missing",),
    ),
    Mistake("dx-without-stride", TO_X, "dx[:, i : i + oh, j : j + ow] += dwindows[:, :, :, i, j]", ("stride-ignored",)),
    Mistake(
        "dx-taps-swapped",
        TO_X,
        TO_X.replace("dwindows[:, :, :, i, j]", "dwindows[:, :, :, j, i]"),
        ("kernel-height-and-width-swapped", "exception"),
    ),
    Mistake(
        "dx-taps-from-the-end",
        TO_X,
        TO_X.replace("dwindows[:, :, :, i, j]", "dwindows[:, :, :, kh - 1 - i, kw - 1 - j]"),
        ("kernel-not-flipped", "kernel-flipped"),
    ),
    Mistake(
        "strides-swapped-back",
        "columns, kernel, shape, (sh, sw) = cache",
        "columns, kernel, shape, (sw, sh) = cache",
        ("strides-swapped", "exception"),
    ),
    Mistake("dbias-mean", BACK, BACK.replace("rows.sum", "rows.mean"), ("wrong-factor",)),
    Mistake("dbias-of-rows", BACK, BACK.replace("axis=0", "axis=1"), ("bias-summed-over-wrong-axes",)),
    Mistake("order", BACK, "return dx, dcolumns, dkernel, rows.sum(axis=0)", ("results-in-wrong-order",)),
    Mistake("columns-changed", BACK, f"columns += 1\n    {BACK}", ("cache-changed", "input-changed")),
)
