"""Causes and hints of conv2d_im2col, beside those of conv2d."""

from __future__ import annotations

TEXTS: dict[str, tuple[str, str]] = {
    "rows-in-another-order": (
        "The rows of {thing} stand in another order than that of (n, h, w): images first, then rows, then columns.",
        "Which output does row 1 of the matrix belong to? Which of n, h and w runs fastest?",
    ),
    "columns-in-another-order": (
        "The columns of {thing} stand in another order than that of (i, j, c): taps row by row, channels fastest.",
        "Which tap and which channel does column 1 hold? Which order has kernel.reshape(-1, F)?",
    ),
    "taps-reversed": (
        "The taps of each window stand in reverse order in {thing} (along rows, columns, or both).",
        "Which pixel of its window does the first number of a row hold, and which should it hold?",
    ),
    "bias-in-the-columns": (
        "{thing} has a column of ones for the bias, which the contract does not name.",
        "How many columns should there be?",
    ),
    "kernel-gradient-not-reshaped": (
        "dkernel is still a matrix (KH * KW * C, F).",
        "What is the shape of the kernel?",
    ),
    "only-one-row-of-columns": (
        "{thing} has one row; there should be one for each output.",
        "How many outputs are there, of all images together?",
    ),
}
"""Cause: (what it suggests, hint)."""
