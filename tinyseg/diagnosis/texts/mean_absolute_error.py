"""Causes and hints of mean_absolute_error."""

from __future__ import annotations

TEXTS: dict[str, tuple[str, str]] = {
    # the distance
    "squared-error": (
        "This is made of the squared difference ({detail}).",
        "What should the loss be for y_true = [0] and y_pred = [3]? In backward: should a difference of 3 have a "
        "larger gradient than one of 1?",
    ),
    "root-of-the-squared-error": (
        "This is made with the root of the squared differences ({detail}).",
        "What should the loss be for the differences 1 and 7, and what is yours?",
    ),
    "absolute-value-missing": (
        "The differences are averaged with their signs ({detail}), so that they cancel.",
        "What should the loss be for the differences 1 and -1?",
    ),
    "absolute-value-of-the-mean": (
        "The absolute value is taken at the end ({detail}), after the differences have cancelled.",
        "What should the loss be for the differences 1 and -1? Which comes first, the mean or the absolute value?",
    ),
    "difference-of-absolute-values": (
        "Absolute values are taken of the numbers, not of their difference ({detail}).",
        "What should the loss be for y_true = [-2] and y_pred = [2]?",
    ),
    "sum-instead-of-difference": (
        "The two arrays are added.",
        "What should the loss be when the prediction is perfect?",
    ),
    "prediction-alone": (
        "This is the mean of |y_pred|: y_true is not in it.",
        "What should the loss be when the prediction is perfect?",
    ),
    "only-one-direction": (
        "Only differences in one direction count ({detail}).",
        "What should the loss be for the difference 2, and for -2? In backward: may one of them have no gradient?",
    ),
    "relative-error": (
        "The differences are divided by the labels ({detail}): this is a relative error.",
        "What should the loss be for y_true = [10] and y_pred = [11]?",
    ),
    "huber-loss": (
        "This is made with the Huber loss, which is a square for small differences.",
        "What should the loss be for a difference of 0.5? And its gradient?",
    ),
    "log-cosh": (
        "This is made with the logarithm of cosh.",
        "What should the loss be for a difference of 1, exactly?",
    ),
    "difference-clipped": (
        "Large differences are cut off ({detail}).",
        "What should the loss be for a difference of 100?",
    ),
    "smoothed": (
        "A small number is added ({detail}), so that the kink at 0 becomes round or the sum grows.",
        "What should the loss of a perfect prediction be? How large is the gradient for a difference of 1e-7?",
    ),
    "rounded-to-integers": (
        "Numbers are cut to integers before they are compared.",
        "What should the loss be for y_true = [0.2] and y_pred = [0.9]? Which dtype do your arrays have?",
    ),
    # the mean
    "sum-instead-of-mean": (
        "The differences are added up where they should be averaged.",
        "Take every number twice: should the loss double?",
    ),
    "mean-over-the-batch-only": (
        "It is divided by the length of the first axis alone.",
        "How many numbers are averaged for arrays of shape (2, 3, 4)?",
    ),
    "mean-over-the-last-axis-only": (
        "It is divided by the length of the last axis alone.",
        "How many numbers are averaged for arrays of shape (2, 3, 4)?",
    ),
    "not-averaged": (
        "The loss is one number for each entry: their mean is missing.",
        "How many numbers does contract('mean_absolute_error') return as the loss?",
    ),
    "one-number-for-each-position": (
        "The last axis alone is reduced ({detail}), so that the loss is an array.",
        "How many numbers does contract('mean_absolute_error') return as the loss? Which axes does your mean run over?",
    ),
    "one-number-for-each-sample": (
        "The loss is one number for each sample.",
        "How many numbers does contract('mean_absolute_error') return as the loss? Which axes does your mean run over?",
    ),
    "mean-over-the-batch-for-each-entry": (
        "The first axis alone is reduced ({detail}), so that the loss is an array.",
        "How many numbers does contract('mean_absolute_error') return as the loss? Which axes does your mean run over?",
    ),
    "median-instead-of-mean": (
        "This is the median of the differences.",
        "What should the loss be for the differences 0, 0 and 9?",
    ),
    "largest-instead-of-mean": (
        "This is the largest difference ({detail}).",
        "What should the loss be for the differences 1 and 3?",
    ),
    "divided-by-one-less": (
        "It is divided by the number of entries minus 1.",
        "What should the loss be for a single difference of 3?",
    ),
    "exact-predictions-left-out": (
        "Entries that are predicted exactly are not counted.",
        "What should the loss be for the differences 0 and 4: how many numbers are averaged?",
    ),
    # the gradient
    "difference-instead-of-sign": (
        "dy_pred contains the difference itself where its sign should stand ({detail}).",
        "When y_pred grows by 0.01, by how much does |y_pred - y_true| change for a difference of 5? And for one of 1?",
    ),
    "absolute-difference-instead-of-sign": (
        "dy_pred contains the absolute value of the difference: this is the loss of the entry, not its slope.",
        "When y_pred grows by 0.01, does the loss rise or fall where y_pred is too small?",
    ),
    "sign-missing": (
        "dy_pred is the same whether y_pred is too large or too small ({detail}).",
        "When y_pred grows by 0.01, does the loss rise or fall where y_pred is too small?",
    ),
    "sign-of-the-prediction": (
        "The sign is that of one of the arrays ({detail}), not of their difference.",
        "y_true = 5 and y_pred = 3: in which direction should the prediction move?",
    ),
    "sign-of-the-sum": (
        "The sign is that of a sum ({detail}), not that of each difference.",
        "Each entry has a difference of its own: which entries must move up, which down?",
    ),
    "loss-in-the-gradient": (
        "The loss itself is a factor of dy_pred ({detail}).",
        "By how much does the loss change when one y_pred grows by 0.01? Does that depend on the other entries?",
    ),
    "gradient-at-zero": (
        "dy_pred is right but where the prediction is exact ({detail}).",
        "There the function has a kink: contract('mean_absolute_error') says which slope counts. Into which branch of "
        "your comparison does a difference of 0 go?",
    ),
    "zero-divided-by-zero": (
        "Where the prediction is exact, 0 is divided by 0.",
        "What is d / |d| for d = 0? How else can the sign of a number be found?",
    ),
    "mean-not-divided": (
        "dy_pred is not divided by the number of entries, although the loss is a mean.",
        "When the absolute difference of one of 10 entries grows by 1, by how much does their mean grow?",
    ),
    "divided-twice": (
        "dy_pred is divided by the number of entries twice.",
        "Which of your lines divide? When one of 10 absolute differences grows by 1, by how much does their mean grow?",
    ),
    "multiplied-by-the-count": (
        "dy_pred is multiplied by the number of entries.",
        "When the absolute difference of one of 10 entries grows by 1, by how much does their mean grow?",
    ),
    "upstream-ignored": (
        "dloss is not used: the result is what an upstream gradient of 1 gives.",
        "If the loss is multiplied by 3 afterwards, what should become of dy_pred?",
    ),
    "upstream-added": (
        "dloss is added where it should be a factor.",
        "If dloss is 0, the loss does not matter to what follows: what must dy_pred be?",
    ),
    "summed-gradient": (
        "dy_pred is one number, where each entry has its own.",
        "Which shape has the array that dy_pred is the gradient of?",
    ),
    "gradient-of-both-arrays": (
        "Two arrays are returned where the gradient of y_pred alone is asked for.",
        "Who needs the gradient of a label? What does contract('mean_absolute_error') say that backward returns?",
    ),
    "averaged-over-the-batch": (
        "dy_pred is averaged over the samples, where each entry has its own.",
        "Which shape has the array that dy_pred is the gradient of?",
    ),
    "exact-predictions-mishandled": (
        "It is wrong only where numbers are predicted exactly.",
        "What should loss and gradient of a perfect prediction be? Is there a division, a logarithm or a comparison "
        "that treats 0 in its own way?",
    ),
}
"""Cause: (what it suggests, hint)."""
