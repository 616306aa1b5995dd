"""Causes and hints of relu."""

from __future__ import annotations

TEXTS: dict[str, tuple[str, str]] = {
    # backward
    "mask-missing": (
        "dx is dy itself: it passes everywhere, also where x is negative.",
        "Let x = -2 grow by 0.01: by how much does y change? And for x = 2?",
    ),
    "gradient-at-zero": (
        "dx is right but where x is exactly 0 ({detail}).",
        "At 0 the function has a kink, so that the slope there is a matter of agreement: contract('relu') says which. "
        "On which side of your comparison is 0?",
    ),
    "mask-inverted": (
        "dy passes where x is negative and is stopped where x is positive.",
        "By how much does y change when x = 2 grows by 0.01, and when x = -2 does? Which way round is the comparison?",
    ),
    "mask-of-the-upstream": (
        "What passes is decided by the sign of dy ({detail}).",
        "Does the slope of y depend on x or on dy? Work out dx for x = 3 and dy = -1.",
    ),
    "multiplied-by-the-value": (
        "dy is multiplied by the value of x or y.",
        "By how much does y change when x grows from 3 to 3.01, and from 5 to 5.01?",
    ),
    "slope-of-the-absolute-value": (
        "Where x is negative dx is -dy: this is the slope of |x|.",
        "What is y for x = -2, and for x = -1.9?",
    ),
    "mask-of-nonzero": (
        "dy passes wherever x is not 0, also where it is negative.",
        "What is y for x = -2, and for x = -1.9? What does a negative number count as in astype(bool)?",
    ),
    "mask-one-off": (
        "dy passes only where x is large enough ({detail}), and not wherever it is positive.",
        "What is y for x = 0.5, and for x = 0.6? With which number is x compared?",
    ),
    # forward
    "leaky": (
        "Negative numbers are multiplied by a small slope ({detail}): this is a leaky ReLU.",
        "What should y be for x = -100?",
    ),
    "cut-off-above": (
        "Large numbers are cut off ({detail}).",
        "What should y be for x = 100? Is there an upper limit somewhere?",
    ),
    "absolute-value": (
        "y is |x|.",
        "What should y be for x = -3?",
    ),
    "minimum-instead-of-maximum": (
        "Negative numbers are kept and positive ones are set to 0.",
        "Work out y for x = [-2, 3]. Which of the two, x or 0, should win in each place?",
    ),
    "another-activation": (
        "This is another activation function ({detail}).",
        "What should y be for x = 3 and for x = -3, to three digits?",
    ),
    "step-instead-of-ramp": (
        "y is 1 where x is positive: the comparison itself is returned.",
        "What should y be for x = 5?",
    ),
    "identity": (
        "y is x: nothing is set to 0.",
        "What should y be for x = -3? Is the result of each step kept?",
    ),
    "one-off": (
        "The border lies at 1 and not at 0.",
        "What should y be for x = 0.5, and for x = -1? With which number is x compared?",
    ),
    "negative-numbers-removed": (
        "The negative numbers are left out, so that y has fewer numbers than x.",
        "What shape must y have? How many numbers does indexing with a mask of True and False give back?",
    ),
    "whole-rows-decided": (
        "One decision is made for many numbers together, which are all kept or all set to 0 ({detail}).",
        "Work out y for x = [[-1, 2]]. Is there an any, all, max or sum in the condition?",
    ),
    "compared-with-the-mean": (
        "Numbers below the mean of x are replaced by that mean.",
        "What should y be for x = [1, 3]? With which number is each x compared?",
    ),
    "overflow": (
        "It goes wrong with large numbers (about 100000).",
        "What should y be for x = 100000? Is there a limit, or an exp or a power that grows too large?",
    ),
    "tiny-numbers-mishandled": (
        "It is right for ordinary numbers and wrong for tiny ones (about 1e-7).",
        "What should y be for x = 1e-9, and what is the slope there? Is there a tolerance, a rounding, or a "
        "comparison with something other than 0?",
    ),
    "maximum-along-an-axis": (
        "The largest number along an axis is taken ({detail}) instead of the larger one of each number and 0.",
        "np.max and np.maximum: what does the second argument of each mean?",
    ),
    "threshold-above-zero": (
        "Small positive numbers count as 0 ({detail}): something larger than 0 decides.",
        "What is y for x = 1e-7? With which number is x compared?",
    ),
    "mean-as-the-threshold": (
        "Numbers pass when they are above a mean ({detail}), where 0 should decide.",
        "What should y be for x = [1, 3]? With which number is each x compared?",
    ),
}
"""Cause: (what it suggests, hint)."""
