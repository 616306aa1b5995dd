"""Causes and hints of unet."""

from __future__ import annotations

TEXTS: dict[str, tuple[str, str]] = {
    # skips
    "concatenated-in-the-other-order": (
        "The skip stands behind what comes from below; it should stand in front of it.",
        "Which of the two has the first channels of the concatenation?",
    ),
    "skips-missing": (
        "Nothing comes over from the way down: the skips are missing.",
        "How many channels has the concatenation, and where does each half of them come from?",
    ),
    "skips-added": (
        "The skip is added to what comes from below ({detail}); it should stand beside it as more channels.",
        "How many channels has a concatenation of two arrays with F channels each, and how many has their sum?",
    ),
    "larger-of-skip-and-below": (
        "The larger of the skip and what comes from below goes on; the skip should stand beside it as more channels.",
        "How many channels has a concatenation of two arrays with F channels each?",
    ),
    "only-skips": (
        "Only the skip goes on: what comes from below is dropped, or put beside it along another axis than the "
        "channels', so that the cut at the end takes it away.",
        "How many channels has the concatenation, and where does each half of them come from?",
    ),
    "joined-with-itself": (
        "What comes from below is concatenated with itself; the skip is not used.",
        "Which two arrays are in the list that you concatenate?",
    ),
    "skip-taken-too-early": (
        "The skip is taken {detail}; it should be what the level hands to the pooling.",
        "After which step of a level is its skip kept? How many channels has it then?",
    ),
    # steps
    "one-convolution-only": (
        "There is one convolution where there should be two ({detail}).",
        "Write down each step of one level, and count the convolutions.",
    ),
    "convolutions-missing": (
        "The two convolutions are missing {detail}.",
        "Write down each step from the first to the last, with its shape, and compare it with your code.",
    ),
    "one-convolution-too-many": (
        "There are three convolutions where there should be two ({detail}).",
        "Write down each step of one level, and count the convolutions.",
    ),
    "up-convolution-missing": (
        "The convolution between up and the concatenation is missing.",
        "How many channels come from below, and how many should they be when they are concatenated?",
    ),
    "last-step-missing": (
        "The last step is missing: the scores have the channels of the first level.",
        "How many channels should the scores have?",
    ),
    "last-step-is-a-convolution": (
        "A convolution with its tanh stands at the end ({detail}); the last step is a mix alone.",
        "Which range have the numbers that tanh gives? May a score be larger?",
    ),
    "activation-missing": (
        "The convolutions have no tanh: mix stands in their places.",
        "What does a stack of mixes do that one mix cannot do?",
    ),
    "another-activation": (
        "The convolutions have {detail} where tanh is asked for.",
        "What does the contract make of mix(x, f) to get conv(x, f)?",
    ),
    "pooled-otherwise": (
        "Of the four numbers of each 2x2 {detail} goes down; it should be the largest.",
        "What is left of the block [[1, 2], [3, 4]] after the pooling?",
    ),
    "scores-squashed": (
        "The scores are squeezed into a range ({detail}); they should be what the last mix gives.",
        "Which is the last step that is asked for?",
    ),
    "classes-instead-of-scores": (
        "The number of the best class is returned; asked for are the scores of all classes.",
        "Which shape should the result have?",
    ),
    # filters
    "filters-not-doubled": (
        "The number of filters does not double from level to level ({detail}).",
        "With filters=4 and depth=2: how many filters have level 0, level 1 and the bottom?",
    ),
    "filters-doubled-once-too-often": (
        "The number of filters is twice what it should be ({detail}).",
        "With filters=4 and depth=2: how many filters have level 0, level 1 and the bottom, and the same levels on the "
        "way up?",
    ),
    "filters-added-instead-of-doubled": (
        "From level to level something is added to the number of filters, where it should double ({detail}).",
        "With filters=4 and depth=3: how many filters have levels 0, 1, 2 and the bottom?",
    ),
    "levels-in-the-wrong-order": (
        "On the way up the levels have their numbers of filters in the order of the way down.",
        "With depth=2: which level is visited first on the way up, and how many filters has it?",
    ),
    "filters-ignored": (
        "The argument filters is not used: {detail}.",
        "Call your function with filters=1 and with filters=3. Does the result change?",
    ),
    "classes-ignored": (
        "The argument classes is not used: {detail}.",
        "Which shape have the scores for classes=5?",
    ),
    # depth and sizes
    "depth-one-off": (
        "The number of levels is off by one ({detail}).",
        "How often is an image of 8x8 pooled with depth=2, and how large is it at the bottom?",
    ),
    "depth-ignored": (
        "The argument depth is not used: {detail}.",
        "How often is the image pooled in your code when depth is 3?",
    ),
    "sizes-not-filled-up": (
        "It goes wrong where height or width is no multiple of 2 ** depth; such an image is to be filled up first, and "
        "the scores cut back.",
        "5 pixels and depth 2: to how many pixels must they be filled up, so that they can be halved twice?",
    ),
    "filled-up-at-the-wrong-side": (
        "The image is filled up {detail}; it should be filled up at the bottom and at the right.",
        "Where does the first pixel of the image lie after it was filled up, and in which 2x2 block is it pooled?",
    ),
    "cut-at-the-wrong-side": (
        "The scores are cut {detail}.",
        "Which rows of the large scores belong to the rows of the image?",
    ),
    "filled-up-with-other-numbers": (
        "The image is filled up with other numbers than zeros ({detail}).",
        "Which mode does your call of np.pad have?",
    ),
    "not-cut-back": (
        "The scores have the size of the image that was filled up; they are not cut back.",
        "Which shape should the scores have?",
    ),
    "cut-instead-of-filled-up": (
        "Rows and columns that are left over are cut off before the network; the image should be filled up.",
        "Which shape should the scores have? Where is the score of the last row?",
    ),
    # where
    "levels-mishandled": (
        "It is right with one level and wrong with more.",
        "With depth=2: which level is visited first on the way up, and which skip belongs to it?",
    ),
    "depth-0-mishandled": (
        "It is right but with depth 0, where only the bottom and the last mix are left.",
        "How often do your loops run when depth is 0?",
    ),
}
"""Cause: (what it suggests, hint)."""
