"""Causes and hints of tiled_prediction."""

from __future__ import annotations

TEXTS: dict[str, tuple[str, str]] = {
    # tiles
    "rest-not-covered": (
        "No tile covers the end of the image when tiles do not just fit ({detail}).",
        "7 pixels, tiles of 3, no overlap: which pixels belong to no tile in your code? Where must one more tile "
        "begin, so that it ends with the image?",
    ),
    "tile-begins-before-the-image": (
        "Where the image is not larger than a tile, the tile begins before the image, at a negative number.",
        "An image of 3 pixels and tiles of 5: what is n - size, and what does image[-2:3] give in Python?",
    ),
    "small-image-without-a-tile": (
        "No tile lies over an image that is smaller than a tile.",
        "An image of 3 pixels and tiles of 5: where do your tiles begin?",
    ),
    "last-tile-cut": (
        "The last tile is shorter than the others ({detail}); it should be moved back until it ends with the image.",
        "7 pixels, tiles of 3, no overlap: how many pixels has your last tile? A network sees less in a small tile.",
    ),
    "last-tile-twice": (
        "The last tile is predicted twice {detail}, so that its scores count twice.",
        "9 pixels, tiles of 3, no overlap: write down where your tiles begin. Is one of the numbers there twice?",
    ),
    "overlap-ignored": (
        "The overlap that is given is not used: {detail}.",
        "Tiles of 5 with an overlap of 2: where does the second tile begin?",
    ),
    "overlap-as-step": (
        "Tiles begin every `overlap` pixels.",
        "Tiles of 5 with an overlap of 1: where does the second tile begin, and how many pixels do the two share?",
    ),
    "overlap-on-both-sides": (
        "Neighbouring tiles share another number of pixels than the overlap ({detail}).",
        "Tiles of 5 with an overlap of 2: where does the second tile begin, and how many pixels do the two share?",
    ),
    "step-one-off": (
        "The step from one tile to the next is off by one ({detail}).",
        "Tiles of 5 with an overlap of 2: where does the second tile begin, and how many pixels do the two share?",
    ),
    "last-tile-one-off": (
        "The last tile ends one pixel before the image does.",
        "7 pixels and a tile of 3: where does the tile begin that ends with the last pixel?",
    ),
    "all-tiles-from-the-end": (
        "The tiles are laid from the end of the image to its beginning.",
        "Where does the first tile begin, and which one is moved when tiles do not just fit?",
    ),
    "tiles-spread-evenly": (
        "The tiles are spread evenly over the image ({detail}); only the last one should be moved.",
        "7 pixels, tiles of 3, no overlap: where does the second tile begin?",
    ),
    "tiled-along-one-axis-only": (
        "The image is cut into tiles along one axis only ({detail}).",
        "How many rows and how many columns has a tile of your code?",
    ),
    "starts-of-one-axis-for-both": (
        "One list of beginnings is used for both axes ({detail}).",
        "Is the image square? How many tiles are there in each direction?",
    ),
    "image-filled-up": (
        "The image is filled up until tiles fit ({detail}): the model sees pixels that are not in the image.",
        "Which pixels are in the last tile? What can be done so that all of them come from the image?",
    ),
    # weights
    "weights-missing": (
        "The tiles are averaged without weights ({detail}).",
        "A pixel lies in the middle of one tile and at the border of another. Which of the two scores should count "
        "more?",
    ),
    "smaller-weight-instead-of-product": (
        "The weight is the smaller of the two along the axes; asked for is their product.",
        "A pixel with 2 along the rows and 3 along the columns: what is its weight?",
    ),
    "weights-added": (
        "The weights along the two axes are added; asked for is their product.",
        "A pixel with 2 along the rows and 3 along the columns: what is its weight?",
    ),
    "weights-along-one-axis-only": (
        "The weights fall towards the borders along one axis only ({detail}).",
        "Which weights have the four corners of a tile, and which the middles of its sides?",
    ),
    "weights-squared": (
        "The weights are squared, as when they are multiplied in twice.",
        "Which weights has a row of 5 pixels: 1, 2, 3, 2, 1, or others?",
    ),
    "weights-fall-to-zero": (
        "The weights at the border of a tile are 0: pixels at the border of the image have no weight at all.",
        "Which weights has a row of 5 pixels: 1, 2, 3, 2, 1, or others?",
    ),
    "weights-one-off": (
        "The weights are off by one ({detail}).",
        "Which weights has a row of 5 pixels: 1, 2, 3, 2, 1, or others? Are they the same from both ends?",
    ),
    "weights-grow-towards-the-border": (
        "The weights grow towards the border of a tile ({detail}).",
        "Where does a network see more of what is around a pixel: in the middle of a tile or at its border?",
    ),
    "weights-rise-only": (
        "The weights rise in one direction ({detail}), and do not fall again.",
        "Which weights has a row of 5 pixels: 1, 2, 3, 2, 1, or others?",
    ),
    "other-weights": (
        "The weights follow another curve than the one that is asked for ({detail}).",
        "Which weights has a row of 5 pixels?",
    ),
    # sum
    "tiles-overwritten": (
        "Where tiles overlap, the score of one of them is kept alone ({detail}).",
        "Two tiles have the scores 2 and 4 at a pixel, with weights 1 and 3. What should come out?",
    ),
    "best-weight-wins": (
        "Where tiles overlap, the one with the largest weight is kept alone.",
        "Two tiles have the scores 2 and 4 at a pixel, with weights 1 and 3. What should come out?",
    ),
    "largest-score-wins": (
        "Where tiles overlap, the larger score is kept.",
        "Two tiles have the scores 2 and 4 at a pixel, with weights 1 and 3. What should come out?",
    ),
    "not-divided-by-the-weights": (
        "The weighted scores are added up and never divided ({detail}).",
        "Two tiles have the same score 4 at a pixel, with weights 1 and 3. What should come out?",
    ),
    "divided-by-the-number-of-tiles": (
        "The weighted scores are divided by a number of tiles ({detail}), not by the sum of the weights.",
        "Two tiles have the same score 4 at a pixel, with weights 1 and 3. What should come out?",
    ),
    "weights-not-applied-to-the-scores": (
        "Scores are added without their weights, and divided by the sum of the weights.",
        "Two tiles have the same score 4 at a pixel, with weights 1 and 3. What should come out?",
    ),
    "divided-by-the-largest-weight": (
        "All pixels are divided by the same number, the largest sum of weights.",
        "Is the sum of the weights the same at every pixel?",
    ),
    "weights-overwritten": (
        "The weights are not added up: the scores are divided by the weight of the last tile alone.",
        "Two tiles have the same score 4 at a pixel, with weights 1 and 3. By what must the sum 1 * 4 + 3 * 4 be "
        "divided?",
    ),
    "constant-added-to-the-weights": (
        "A constant is added to the sum of the weights ({detail}): all scores are a little too small.",
        "Can the sum of the weights be 0 when a tile lies over every pixel?",
    ),
    "averaged-one-after-the-other": (
        "Each new tile is averaged with what is there, so that later tiles count more.",
        "The scores 0, 0 and 6 with equal weights: what is their mean, and what comes out when each is averaged with "
        "the last result?",
    ),
    "middles-only": (
        "The border of each tile is cut off and the rest put side by side ({detail}); nothing is averaged.",
        "Two tiles have the scores 2 and 4 at a pixel, with weights 1 and 3. What should come out?",
    ),
    # model
    "whole-image-at-once": (
        "The model sees the whole image at once.",
        "What is handed to the model, and how large may that be?",
    ),
    "model-not-called": (
        "The pixels themselves are put together; the model is not called.",
        "Which line turns a tile into scores?",
    ),
    "model-called-on-the-result": (
        "The model is called on the scores that were put together.",
        "What is the model made for: pixels or scores? How large may the array be that it is given?",
    ),
    "channels-share-a-mean": (
        "One mean is subtracted from all channels.",
        "Is the model as it was given? It subtracts from each channel the mean of this channel.",
    ),
    "rows-one-by-one": (
        "The model sees one row at a time.",
        "Which part of the image is a tile?",
    ),
    # where
    "overlaps-mishandled": (
        "It is right but where tiles overlap.",
        "A pixel lies in two tiles. Which two scores has it, which weights, and what comes out?",
    ),
    "last-tile-mishandled": (
        "It is right where tiles just fit, and wrong where the last one must be moved back.",
        "7 pixels, tiles of 3, no overlap: where do your tiles begin?",
    ),
    "small-image-mishandled": (
        "It is right but where the image is smaller than a tile.",
        "An image of 3 pixels and tiles of 5: how many tiles are there, where does it begin, which weights has it?",
    ),
    "fitting-tiles-mishandled": (
        "It is right but where tiles just fit.",
        "9 pixels, tiles of 3, no overlap: where do your tiles begin?",
    ),
    "large-overlap-mishandled": (
        "It is right but where the overlap is larger than half of a tile: a pixel then lies in three tiles and more.",
        "Tiles of 5 with an overlap of 4: in how many tiles lies a pixel?",
    ),
}
"""Cause: (what it suggests, hint)."""
