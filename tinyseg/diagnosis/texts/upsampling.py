"""Causes and hints of upsampling2d."""

from __future__ import annotations

TEXTS: dict[str, tuple[str, str]] = {
    "factor-ignored": (
        "The factor is not the one that was asked for ({detail}).",
        "Follow size from the argument to the index; try size=(3, 3).",
    ),
    # factors and axes
    "factors-swapped": (
        "The factors of rows and of columns are swapped.",
        "Try size=(1, 3): which axis should grow?",
    ),
    "one-factor-for-both-axes": (
        "One of the two factors is used for both axes.",
        "Try size=(2, 3) and follow each of the two numbers, also where positions are worked out.",
    ),
    "interpolation-ignored": (
        "{thing} is that of the other interpolation (pixels copied for pixels interpolated, or the other way round).",
        "Enlarge the row [0, 8] by 2 on paper, with the interpolation that was asked for. Do forward and backward both "
        "know which it is?",
    ),
    # nearest
    "tiled-instead-of-repeated": (
        "The whole image is laid out again and again instead of each pixel being repeated.",
        "Enlarge the row [1, 2] by 2 by hand. What do np.tile and np.repeat give for it?",
    ),
    "nearest-rounded": (
        "The position of the pixel to copy is rounded to the nearest whole number, or up, so that the blocks are "
        "shifted.",
        "Enlarge the row [1, 2] by 3. Which pixel does output 2 copy (the first output is number 0), and what does "
        "your calculation give for it?",
    ),
    "nearest-one-off": (
        "The position of the pixel to copy is shifted by one.",
        "Enlarge the row [1, 2, 3] by 2. Which outputs copy the first pixel, by hand and in your function?",
    ),
    "nearest-corners-aligned": (
        "The positions are spread so that first and last output fall on first and last pixel; the blocks are then not "
        "equally large.",
        "Enlarge the row [1, 2, 3] by 4: how many copies of the 2 should there be, and how many do you get?",
    ),
    "zeros-between-pixels": (
        "Each pixel is written once and the rest of its block stays 0.",
        "Enlarge the row [1, 2] by 2 by hand: how many zeros are in the result?",
    ),
    # bilinear
    "bilinear-in-one-axis-only": (
        "It is interpolated along one axis; along the other, pixels are copied.",
        "Take an image of 2x1 and one of 1x2 and enlarge both by 2. Do both come out smooth?",
    ),
    "weights-of-one-axis-for-both": (
        "The fractions of one axis are used as the weights of both.",
        "Try size=(2, 3): how many different fractions do rows have, and how many do columns?",
    ),
    "weights-swapped": (
        "The weights of the two neighbours have changed places.",
        "A position is 0.25 after pixel 0 and 0.75 before pixel 1: which pixel should count more?",
    ),
    "corners-aligned": (
        "The positions are spread so that the centres of first and last output fall on those of first and last pixel "
        "('align corners'); the contract has another grid.",
        "Draw 2 pixels as boxes of width 1 and under them 4 outputs as boxes of width 1/2. Where is the centre of the "
        "first output?",
    ),
    "half-pixel-shift-missing": (
        "The half pixels are not all in the positions, or not all where they belong: a pixel's centre lies in its "
        "middle, in the input as well as in the output.",
        "Draw 2 pixels as boxes of width 1 and under them 4 outputs as boxes of width 1/2. Where, counted in pixel "
        "centres, is the centre of the first output?",
    ),
    "half-pixel-shift-wrong-way": (
        "The positions are shifted by the half pixel in the wrong direction.",
        "Draw 2 pixels as boxes of width 1 and under them 4 outputs as boxes of width 1/2. Is the centre of the first "
        "output left or right of the first pixel's centre?",
    ),
    "border-not-clamped": (
        "Outputs near the border take in something other than the border's pixel: zeros, the opposite border, a "
        "mirrored image, or a line continued beyond it.",
        "Enlarge the rows [1, 1] and [0, 10] by 2 with your function. Should a row of ones get an edge of another "
        "value? Which pixels may the first output of [0, 10] be made of?",
    ),
    # backward
    "one-copy-only": (
        "dx takes one of the copies of each pixel ({detail}) and leaves out the others.",
        "size=(2, 2): how many outputs change when one pixel grows? What does each of them contribute to its gradient?",
    ),
    "copies-of-one-axis-only": (
        "dx sums the copies along one axis; along the other it takes only one.",
        "size=(2, 2): how many outputs change when one pixel grows, and how many of them are in your sum?",
    ),
    "copies-averaged": (
        "dx is the mean over the copies of each pixel.",
        "One pixel is copied into 4 outputs. If each of them changes the loss by 1, by how much does the pixel change "
        "it?",
    ),
    "blocks-misread": (
        "dy is reshaped into blocks with its axes in another order ({detail}; h and w number the pixel, a and b its "
        "copy).",
        "Enlarge [[1, 2], [3, 4]] by 2 and read the first row of the result: which of pixel and copy changes faster "
        "along a row? A reshape splits an axis in that order.",
    ),
    "repeated-index-counted-once": (
        "Where one pixel goes into several outputs, only one of the contributions arrives.",
        "After a = np.zeros(1) and a[[0, 0]] += 1, what is a? Which indices occur several times in your backward?",
    ),
    "backward-interpolates": (
        "dx is dy made smaller by interpolation, as if backward were the enlargement the other way round.",
        "Take a row of one pixel enlarged by 3. How many outputs depend on the pixel, each with which weight? Do all "
        "of them take part in your dx?",
    ),
    "backward-averages": (
        "dx is a weighted mean of dy: the weights that lead to each pixel are made to add up to 1.",
        "Take a row of one pixel enlarged by 3, with dy = 1 everywhere. By how much does the sum of y change when the "
        "pixel grows by 1?",
    ),
    "wrong-axes-enlarged": (
        "Other axes are enlarged than height and width.",
        "Which axes of (N, H, W, C) are rows and columns?",
    ),
    "size-instead-of-factor": (
        "Positions are worked out with the number of pixels where the factor should stand.",
        "Enlarge a row of 3 pixels by 2. How far apart, counted in pixels, are the centres of two outputs?",
    ),
    "position-rounded": (
        "The first neighbour is the pixel nearest to the position, not the one before it, so that some of the weights "
        "are negative.",
        "A position of 0.75: between which two pixels does it lie, and how much of each should there be?",
    ),
    "position-rounded-up": (
        "The first neighbour is the pixel after the position, not the one before it.",
        "A position of 0.25: between which two pixels does it lie, and how much of each should there be?",
    ),
    "position-truncated": (
        "Positions before the first pixel are cut to 0, and the rest is negative there: the line through the first two "
        "pixels is continued beyond the border.",
        "What are int(-0.25) and np.floor(-0.25)? What should the first output of the row [0, 8] enlarged by 2 be?",
    ),
    "second-neighbour-missing": (
        "Only the pixel before the position counts; the one after it is left out.",
        "A position of 0.25: how much of pixel 0, and how much of pixel 1 should there be?",
    ),
    "first-neighbour-missing": (
        "Only the pixel after the position counts; the one before it is left out.",
        "A position of 0.25: how much of pixel 0, and how much of pixel 1 should there be?",
    ),
    "neighbours-one-off": (
        "One of the two neighbours, or both, are a pixel too far to one side.",
        "A position of 1.25: which two pixels does it lie between, and which two do you take?",
    ),
    "weights-halved": (
        "Both neighbours have the weight one half, wherever the position lies.",
        "A position of 0.25: which of the two pixels is nearer, and should it count more?",
    ),
    "weights-incomplete": (
        "The weights of the two neighbours do not add up to 1: one of them is not weighted.",
        "Enlarge an image in which all pixels are 1. Which numbers should come out?",
    ),
    "weights-not-linear": (
        "The weights do not grow in proportion to the distance.",
        "A position of 0.25 in the row [0, 8]: which number lies there on the straight line?",
    ),
    "border-share-lost": (
        "At the border, where both neighbours are the same pixel, one of the two weights replaces the other instead of "
        "being added.",
        "Which two pixels does the first output take, and what should their weights add up to? What is left in an "
        "entry that is assigned twice?",
    ),
    "weights-missing-in-the-backward": (
        "dx adds up dy of all outputs that a pixel goes into, without the weights that it has there.",
        "An output is made of a quarter of a pixel. By how much does the output grow when the pixel grows by 1?",
    ),
    "one-neighbour-only-in-the-backward": (
        "In dx each output gives its dy to the nearer of its two pixels only.",
        "An output is made of three quarters of one pixel and a quarter of another. Does the loss not notice the other "
        "one?",
    ),
    "corner-missing": (
        "Of the four pixels around each position one is left out ({detail}).",
        "How many pixels does a position between two rows and two columns meet? Add up your weights: what should they "
        "come to?",
    ),
    "copies-folded": (
        "The right number of copies is made, but along one axis, and a reshape folds them into the other ({detail}).",
        "A row of two pixels, 1 and 2, twice as high and as wide: what are the four numbers of each row? A reshape "
        "moves no number in memory.",
    ),
}
"""Cause: (what it suggests, hint)."""
