"""Causes and hints of winograd."""

from __future__ import annotations

TEXTS: dict[str, tuple[str, str]] = {
    "kernel-transform-without-halves": (
        "The two middle rows of G are taken without their factor 1/2.",
        "Write down G beside the contract's. What is u for a kernel of ones?",
    ),
    "kernel-transform-wrong": (
        "An entry or a row of G, or two, are not the contract's ({detail}).",
        "Compare your G with the contract's number by number; mind the signs.",
    ),
    "image-transform-wrong": (
        "One entry or row of B^T is not the contract's ({detail}).",
        "Compare your B^T with the contract's number by number; mind the signs.",
    ),
    "output-transform-wrong": (
        "One entry or row of A^T is not the contract's ({detail}).",
        "Compare your A^T with the contract's number by number; mind the signs.",
    ),
    "transform-on-one-side": (
        "{thing} is transformed along one of its two axes only.",
        "A matrix on the left changes the columns of a block. What changes its rows?",
    ),
    "image-transform-transposed": (
        "B stands where B^T should stand, and the other way round.",
        "The first row of B^T is [1, 0, -1, 0]: which two rows of a tile does it subtract, and what does yours do?",
    ),
    "image-not-transformed": (
        "v holds the tiles as they are.",
        "What does the matrix B do to a tile that is all ones?",
    ),
    "tile-transposed": (
        "Rows and columns of a tile are exchanged.",
        "Which axis of your tile counts its rows? Try an image with one single pixel, in row 0 and column 1.",
    ),
    "tiles-at-the-wrong-step": (
        "Tiles begin {detail} pixels apart; they should be as far apart as each of them makes outputs.",
        "A tile of 4x4 makes 2x2 outputs. Where must the tile for the next two columns of y begin?",
    ),
    "tiles-in-another-order": (
        "The two axes that count tiles are exchanged.",
        "Which of your two axes counts tiles downwards? Try an image that is not square.",
    ),
    "tiles-rounded-down": (
        "{thing} has whole tiles only; where y has an odd number of rows or columns, one more is needed.",
        "3 rows of y: how many tiles of 2 rows does it take to make them all?",
    ),
    "image-filled-up-before": (
        "Where the size is odd, zeros stand above and on the left of the image; they belong below and on the right.",
        "Which pixel is the top left corner of tile (0, 0)?",
    ),
    "a-tile-too-many": (
        "{thing} has a row and a column of tiles too many, which lie beyond the image.",
        "2 rows of y: how many tiles of 2 rows does it take? How many rows of pixels make 2 rows of y?",
    ),
    "tiles-on-the-diagonal": (
        "Both places of a tile, that of its first row and that of its first column, come from one index.",
        "Where does tile (0, 1) begin, and where does yours?",
    ),
    "tiles-mishandled": (
        "It is right for one tile and wrong for several.",
        "Which index belongs to the tile, and which to the place within it?",
    ),
    "odd-sizes-mishandled": (
        "It is right where y has an even number of rows and columns, and wrong where one of them is odd.",
        "What stands in the last tile beyond the image, and how much of the last block belongs to y?",
    ),
    "matrix-product-instead-of-elementwise": (
        "u and v are multiplied as matrices; each number of a tile is multiplied by the number at the same place.",
        "How many multiplications does a tile take for one channel and one filter: 16 or 64?",
    ),
    "channels-not-summed": (
        "m still has an axis for the channels of x.",
        "Over what is summed in the contract's m?",
    ),
    "channels-averaged": (
        "The channels are averaged; they are to be summed.",
        "How does y change when all channels are taken twice?",
    ),
    "channels-summed": (
        "Channels are summed before the product.",
        "Two channels, and the kernel of the second is 0: does the second channel change m?",
    ),
    "bias-in-the-products": (
        "m has the bias in it.",
        "What does the contract add to m, and what to y?",
    ),
    "bias-before-the-output-transform": (
        "The bias is added before the last transform, which multiplies and cancels it.",
        "What does A^T m A make of an m that is 1 everywhere?",
    ),
    "tiles-not-interleaved": (
        "The 2x2 blocks are laid out in another order than the pixels of y.",
        "The upper right number of the first block: which row and column of y is it? Which axes have to be neighbours "
        "before a reshape?",
    ),
    "block-transposed": (
        "Rows and columns inside the 2x2 blocks of y are exchanged.",
        "The upper right number of the first block: which row and column of y is it?",
    ),
    "block-flipped": (
        "The 2x2 blocks of y are turned round.",
        "The upper left number of the first block: which row and column of y is it?",
    ),
    "wrong-end-cut-off": (
        "y is cut to its size at the wrong end.",
        "Where were the zeros added that made the image fit the tiles?",
    ),
    "output-not-cut-to-size": (
        "y has all rows and columns of the tiles, also those that come from beyond the image.",
        "How many rows has y, and how many do the tiles make?",
    ),
    "last-part-of-a-tile-missing": (
        "Where y has an odd number of rows or columns, the last one is never written.",
        "3 rows of y: which tile makes the third?",
    ),
}
"""Cause: (what it suggests, hint)."""
