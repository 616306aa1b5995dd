"""Causes and hints of same_padding."""

from __future__ import annotations

TEXTS: dict[str, tuple[str, str]] = {
    "padding-ignored": (
        "Nothing is added ({detail}).",
        "3 pixels and a window of 3: how many outputs are there without padding, and how many should there be?",
    ),
    "padding-at-the-wrong-end": (
        "Where an odd number of zeros is added, the extra one is before the image; it belongs after it.",
        "4 pixels, a window of 2: on which side is the one zero?",
    ),
    "padding-only-before": (
        "All zeros are added before the image ({detail}).",
        "3 pixels, a window of 3: how are the two zeros shared between the two sides?",
    ),
    "image-square-assumed": (
        "The zeros of both axes are counted from one side of the image ({detail}).",
        "An image of 3x4, a window of 2 and stride 2: how many rows of zeros are needed, and how many columns?",
    ),
    "padding-only-after": (
        "All zeros are added after the image ({detail}).",
        "3 pixels, a window of 3: how are the two zeros shared between the two sides?",
    ),
    "padding-not-halved": (
        "As many zeros as both sides need together are added on each side ({detail}).",
        "3 pixels, a window of 3: how many zeros are there in all, and how many on each side?",
    ),
    "padding-symmetric": (
        "Both sides get the same number of zeros, although the number in all can be odd ({detail}).",
        "4 pixels, a window of 2: how many zeros are there in all? What do the two sides add up to in your function?",
    ),
    "padding-of-the-window-only": (
        "The number of zeros is made from the window alone, whatever the image's size, the stride or the dilation "
        "({detail}).",
        "4 pixels, a window of 3, stride 2: where do the two windows begin, and how far beyond the image does the last "
        "one reach?",
    ),
    "padding-not-for-the-stride": (
        "There are as many zeros as stride 1 needs, or the stride is not everywhere where it should be ({detail}).",
        "4 pixels, a window of 3, stride 2: where does the last window begin, and how far beyond the image does it "
        "reach?",
    ),
    "padding-not-for-the-dilation": (
        "There are as many zeros as a window without dilation needs ({detail}).",
        "How many positions does a window of 3 with dilation 2 reach over, from its first to its last tap?",
    ),
    "window-span-too-long": (
        "The window is taken to reach over its size times the dilation ({detail}); from first to last tap it is less.",
        "Where do the taps of a window of 3 with dilation 2 lie when the first is at 0?",
    ),
    "window-span-one-off": (
        "The window is taken to reach over one position too few or too many ({detail}).",
        "Where do the taps of a window of 3 with dilation 2 lie when the first is at 0? How many positions are that?",
    ),
    "dilation-added-instead-of-multiplied": (
        "The dilation is added to the window's size ({detail}).",
        "A window of 3 has two steps from tap to tap. How long is each of them with dilation 4?",
    ),
    "dilation-one-off": (
        "The taps are taken to be one position further apart than they are ({detail}).",
        "Which dilation rate is an ordinary window: 0 or 1?",
    ),
    "output-size-rounded-down": (
        "The number of outputs is rounded down ({detail}).",
        "5 pixels and stride 2: at how many of the places 0, 2, 4 is there a pixel?",
    ),
    "output-one-too-many": (
        "There are zeros for one output too many ({detail}).",
        "4 pixels and stride 2: how many outputs does the rule name? And for 5 pixels?",
    ),
    "output-one-too-few": (
        "There are zeros for one output too few ({detail}).",
        "4 pixels and stride 2: how many outputs does the rule name, and at which pixel does the last window begin?",
    ),
    "output-size-ignores-the-stride": (
        "There are zeros for as many outputs as the image has pixels, whatever the stride ({detail}).",
        "How many outputs does an image of 6 pixels have with stride 2?",
    ),
    "output-size-of-valid": (
        "There are zeros for as many outputs as there are without padding ({detail}).",
        "5 pixels, a window of 3, stride 1: how many outputs should there be?",
    ),
    "padding-one-off": (
        "There is one zero too many or too few ({detail}).",
        "Count the zeros for 3 pixels and a window of 3 with stride 1.",
    ),
    "negative-padding": (
        "Where the image is longer than the windows need, something is added or cut off; it should stay as it is "
        "({detail}).",
        "4 pixels, a window of 1, stride 3: how many outputs are there, where do they begin, and how many zeros does "
        "the last one need?",
    ),
    "image-size-forgotten": (
        "There are as many zeros as the windows reach over; the pixels that are there are not taken off ({detail}).",
        "3 pixels, a window of 3: up to which position does the last window reach, and how many of these positions has "
        "the image?",
    ),
    "padding-rounded-to-even": (
        "Half of an odd number of zeros is rounded to the nearest even number, as round() does ({detail}).",
        "What do round(0.5), round(1.5) and round(2.5) give? And 1 // 2, 3 // 2 and 5 // 2?",
    ),
    "padding-of-one-axis-for-both": (
        "The zeros of one axis are added to both ({detail}).",
        "Try a kernel of 2x3: how many zeros do the rows need, how many the columns?",
    ),
    "padding-at-the-wrong-axes": (
        "Zeros are added along the wrong axes ({detail}).",
        "In which order do the axes of (N, H, W, C) stand, and which of them should grow?",
    ),
    "padding-repeats-the-edge": (
        "The number of places is right, but the pixels of the border are repeated there instead of zeros.",
        "Which numbers stand in the first row of the result?",
    ),
    "padding-reflects": (
        "The number of places is right, but the image is mirrored there instead of zeros.",
        "Which numbers stand in the first row of the result?",
    ),
    "image-wraps-around": (
        "The number of places is right, but the image begins anew there instead of zeros.",
        "Which numbers stand in the first row of the result?",
    ),
    "padding-of-ones": (
        "The number of places is right, but they hold 1, not 0.",
        "Which number adds nothing to a sum of products?",
    ),
    "numbers-instead-of-the-image": (
        "{thing} holds the numbers of zeros, not the image with zeros around it.",
        "What does the contract return? np.pad takes these numbers and the image.",
    ),
    "padding-not-finite": (
        "The number of places is right, but they hold NaN or infinity, not 0.",
        "Which number adds nothing to a sum of products?",
    ),
    "padding-of-the-mean": (
        "The number of places is right, but they hold the mean of the image, not 0.",
        "Which number adds nothing to a sum of products?",
    ),
    "padding-of-the-smallest": (
        "The number of places is right, but they hold the smallest number of the image, not 0.",
        "Which number adds nothing to a sum of products?",
    ),
    "only-the-padding": (
        "The result has the right shape, and zeros everywhere: the image is not in it.",
        "Into which rows and columns of the result does the image belong?",
    ),
}
"""Cause: (what it suggests, hint)."""
