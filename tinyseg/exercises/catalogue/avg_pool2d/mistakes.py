"""avg_pool2d: planted bugs."""

from __future__ import annotations

from ...exercise import Mistake

MEAN = "x[:, rows, columns].mean(axis=(1, 2))"
SENT = "dx[:, rows, columns] += dy[:, h, w][:, None, None] / pixels"
PIXELS = "pixels = (rows.stop - rows.start) * (columns.stop - columns.start)"
ROWS = "rows = inside(h * sh - top, kh, height)\n"
COLUMNS = "columns = inside(w * sw - left, kw, width)\n"
FORWARD = f"            {ROWS}            {COLUMNS}            y"
BACKWARD = f"            {ROWS}            {COLUMNS}            pixels"
INSIDE = "slice(max(start, 0), min(start + length, size))"
SIZE = "oh = (height + top + bottom - kh) // sh + 1"


def forward(rows: str, columns: str) -> str:
    """Return the forward's lines with other rows and columns."""
    return FORWARD.replace(ROWS, f"rows = {rows}\n").replace(COLUMNS, f"columns = {columns}\n")


def backward(rows: str, columns: str) -> str:
    """Return the backward's lines with other rows and columns."""
    return BACKWARD.replace(ROWS, f"rows = {rows}\n").replace(COLUMNS, f"columns = {columns}\n")


MISTAKES = (
    # forward
    Mistake("padding-counts", MEAN, "x[:, rows, columns].sum(axis=(1, 2)) / (kh * kw)", ("padding-counted",)),
    Mistake("sum", MEAN, "x[:, rows, columns].sum(axis=(1, 2))", ("not-divided",)),
    Mistake("by-height", MEAN, "x[:, rows, columns].sum(axis=(1, 2)) / kh", ("divided-by-one-axis-only",)),
    Mistake("by-height-squared", MEAN, "x[:, rows, columns].sum(axis=(1, 2)) / kh**2", ("divided-by-one-axis-only",)),
    Mistake("by-strides", MEAN, "x[:, rows, columns].sum(axis=(1, 2)) / (sh * sw)", ("divided-by-the-stride",)),
    Mistake("by-sides", MEAN, "x[:, rows, columns].sum(axis=(1, 2)) / (kh + kw)", ("divided-by-the-sum-of-the-sides",)),
    Mistake("twice", MEAN, f"{MEAN} / (kh * kw)", ("divided-twice",)),
    Mistake("maximum", MEAN, "x[:, rows, columns].max(axis=(1, 2))", ("maximum-instead-of-mean",)),
    Mistake("median", MEAN, "np.median(x[:, rows, columns], axis=(1, 2))", ("median-instead-of-mean",)),
    Mistake(
        "channels-mixed",
        MEAN,
        "x[:, rows, columns].mean(axis=(1, 2, 3))[:, None]",
        ("averaged-over-an-axis", "channels-averaged"),
    ),
    Mistake(
        "images-mixed", MEAN, "x[:, rows, columns].mean(axis=(0, 1, 2))", ("averaged-over-an-axis", "images-averaged")
    ),
    Mistake("whole-image", MEAN, "x.mean(axis=(1, 2))", ("whole-image-instead-of-window",)),
    Mistake("magnitudes", MEAN, "np.abs(x[:, rows, columns]).mean(axis=(1, 2))", ("magnitudes-averaged",)),
    Mistake(
        "whole-numbers",
        MEAN,
        "x[:, rows, columns].sum(axis=(1, 2)) // (x[0, rows, columns, 0].size)",
        ("rounded-down", "truncated-to-integers"),
    ),
    Mistake(
        "zeros-do-not-count",
        MEAN,
        "x[:, rows, columns].sum(axis=(1, 2)) / np.maximum((x[:, rows, columns] != 0).sum(axis=(1, 2)), 1)",
        ("zeros-not-counted",),
    ),
    Mistake(
        "padding-forgotten",
        FORWARD,
        forward("inside(h * sh, kh, height)", "inside(w * sw, kw, width)"),
        ("padding-ignored",),
    ),
    Mistake(
        "padding-swapped",
        FORWARD,
        forward("inside(h * sh - left, kh, height)", "inside(w * sw - top, kw, width)"),
        ("paddings-swapped",),
    ),
    Mistake(
        "padding-of-the-end",
        FORWARD,
        forward("inside(h * sh - bottom, kh, height)", "inside(w * sw - right, kw, width)"),
        ("padding-at-the-wrong-end", "padding-of-one-end-for-both"),
    ),
    Mistake(
        "padding-added",
        FORWARD,
        forward("inside(h * sh + top, kh, height)", "inside(w * sw + left, kw, width)"),
        ("padding-added-instead-of-subtracted",),
    ),
    Mistake(
        "window-pushed-in",
        FORWARD,
        forward(
            "slice(max(h * sh - top, 0), max(h * sh - top, 0) + kh)",
            "slice(max(w * sw - left, 0), max(w * sw - left, 0) + kw)",
        ),
        ("border-windows-moved",),
    ),
    Mistake(
        "stride-missing",
        FORWARD,
        forward("inside(h - top, kh, height)", "inside(w - left, kw, width)"),
        ("stride-ignored",),
    ),
    Mistake(
        "stride-is-window",
        FORWARD,
        forward("inside(h * kh - top, kh, height)", "inside(w * kw - left, kw, width)"),
        ("stride-replaced-by-window",),
    ),
    Mistake(
        "window-swapped",
        FORWARD,
        forward("inside(h * sh - top, kw, height)", "inside(w * sw - left, kh, width)"),
        ("window-height-and-width-swapped",),
    ),
    Mistake(
        "one-stride",
        "(kh, kw), (sh, sw), ((top, bottom), (left, right)) = pool_size, strides, padding",
        "(kh, kw), (sh, sw), ((top, bottom), (left, right)) = pool_size, (strides[0],) * 2, padding",
        ("one-stride-for-both-axes",),
    ),
    Mistake(
        "padding-read-by-ends",
        "((top, bottom), (left, right)) = pool_size",
        "((top, left), (bottom, right)) = pool_size",
        ("explicit-padding-misread",),
    ),
    Mistake("size-without-padding", SIZE, "oh = (height - kh) // sh + 1", ("output-size-ignores-the-padding",)),
    Mistake("size-without-one", SIZE, "oh = (height + top + bottom - kh) // sh", ("output-one-too-few",)),
    # backward
    Mistake("share-of-the-whole-window", PIXELS, "pixels = kh * kw", ("padding-counted",)),
    Mistake("not-shared", SENT, SENT.replace(" / pixels", ""), ("not-divided",)),
    Mistake("multiplied", SENT, SENT.replace("/ pixels", "* pixels"), ("multiplied-instead-of-divided",)),
    Mistake("assigned", SENT, SENT.replace("+=", "="), ("overlaps-overwritten",)),
    Mistake(
        "one-pixel-only",
        SENT,
        SENT.replace("rows, columns]", "rows.start, columns.start]").replace("[:, None, None]", ""),
        ("gradient-to-one-only",),
    ),
    Mistake(
        "one-row-only",
        SENT,
        SENT.replace("rows, columns]", "rows.start, columns]").replace("[:, None, None]", "[:, None]"),
        ("only-first-tap-row",),
    ),
    Mistake("rows-only", PIXELS, "pixels = rows.stop - rows.start", ("divided-by-one-axis-only",)),
    Mistake(
        "shifted-back",
        BACKWARD,
        backward("inside(h * sh, kh, height)", "inside(w * sw, kw, width)"),
        ("padding-ignored", "padding-removed-at-the-wrong-end"),
    ),
    Mistake(
        "stride-missing-back",
        BACKWARD,
        backward("inside(h - top, kh, height)", "inside(w - left, kw, width)"),
        ("stride-ignored",),
    ),
    Mistake(
        "window-for-stride-back",
        BACKWARD,
        backward("inside(h * kh - top, kh, height)", "inside(w * kw - left, kw, width)"),
        ("stride-replaced-by-window",),
    ),
    Mistake("last-row-of-dy", "range(dy.shape[1])", "range(dy.shape[1] - 1)", ("last-row-missing",)),
    Mistake("last-column-of-dy", "range(dy.shape[2])", "range(dy.shape[2] - 1)", ("last-column-missing",)),
    Mistake("dy-ignored", SENT, "dx[:, rows, columns] += 1 / pixels", ("upstream-ignored",)),
    Mistake(
        "mean-of-dy",
        SENT,
        "dx[:, rows, columns] += dy.mean(axis=(1, 2))[:, None, None] / pixels",
        ("upstream-averaged",),
    ),
    # both
    Mistake(
        "last-pixel-missing",
        INSIDE,
        "slice(max(start, 0), min(start + length, size - 1))",
        ("image-without-its-last-row-and-column",),
    ),
    Mistake("wraps", INSIDE, "slice(start, min(start + length, size))", ("slice-begins-before-the-image",)),
    Mistake("dy-changed", "return dx\n", "dy /= kh * kw\n    return dx\n", ("input-changed",)),
)
