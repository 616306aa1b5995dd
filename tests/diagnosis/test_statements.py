"""Statements that were false once, of functions that people wrote: what must be said of them, and what must not."""

from __future__ import annotations

import pytest

from tests.diagnosis.handwritten import bugs, later_bugs
from tinyseg.diagnosis import Diagnosis, diagnose


def diagnosis_of(op: str, name: str) -> Diagnosis:
    bug = next(bug for bug in (*bugs(op), *later_bugs(op)) if bug.name == name)
    return diagnose(op, bug.forward, bug.backward, time_limit=30.0)


@pytest.mark.parametrize(
    ("op", "name", "cause", "said", "never"),
    [
        # Only dbeta is a mean.
        ("batch_norm", "dbeta_mean", "mean-instead-of-sum", "made in a part only", "dgamma"),
        # A flattened array has all its zeros, if it has any.
        ("dice_loss", "flattened", "flattened", "is flattened", "other than 0"),
        # The image of this configuration is large; its padding has nothing to do with it.
        ("max_pool2d", "flat_index_overflows_byte", "index-overflows", "In large images", "padding"),
        # An image without a 0 can be drawn anywhere.
        ("mean_absolute_error", "tolerance", "tiny-numbers-mishandled", "tiny numbers", "too large"),
        # A loss of shape (1,) is as good as a number.
        ("mean_absolute_error", "keras_like", "one-number-for-each-position", "last axis", "is not made"),
        # Labels of 64 bits go wrong as well: the areas are counted in 8.
        ("mean_iou", "uint8_sums", "label-dtype-overflows", "8 bits", "64"),
        # Nothing tells these two apart.
        ("softmax_cross_entropy", "clip", "logarithm-clipped", "probability or the probability is cut off at", "1e-08"),
        # One configuration of many is explained by something that shows in all others, and does not.
        ("softmax_cross_entropy", "eye_of_max", "exception", "could not be broadcast", "subtracted from all"),
        # dy is used; the numbers it is multiplied by are 0.
        ("softmax", "jacobian_row_sum", "all-zero", "is all zeros", "not used"),
        ("softmax", "whole_sum", "softmax-over-wrong-axis", "the sum is that of everything", "maximum"),
        # Some floating-point images have no negative numbers.
        ("threshold", "ints", "image-rounded", "floating-point images", "negative"),
        # Where one of many results has the right shape by chance, there is no place.
        ("threshold", "places", "places-instead-of-mask", "(shape)", "row only"),
        # Nobody asked what y is.
        ("relu", "passed_on", "mask-missing", "dx is dy itself", "y is x"),
        ("same_padding", "height_for_both", "image-square-assumed", "its height", "same number of zeros"),
    ],
)
def test_what_was_false_is_not_said(op: str, name: str, cause: str, said: str, never: str) -> None:
    found = diagnosis_of(op, name)
    assert found.cause == cause, str(found)
    assert said in found.message
    assert never not in found.message


def test_what_contradicts_a_right_result_is_no_alternative() -> None:
    # The padding of rows and columns is swapped where it is given; nothing else is as good in all configurations.
    found = diagnosis_of("avg_pool2d", "explicit_padding_exchanged")
    assert found.cause == "paddings-swapped"
    assert "would show in this form" in found.message
    assert "tells them apart" not in found.message


def test_what_was_asked_once_more_is_not_counted() -> None:
    found = diagnosis_of("mean_iou", "uint8_sums")
    assert found.evidence["configurations"] == "1 wrong, 14 right"
    assert found.evidence["explained"] == "1 of 1 wrong results"


def test_two_mistakes_are_said_of_what_the_first_one_gives() -> None:
    found = diagnosis_of("dense", "dropout-like scaling of x, no bias")
    assert found.evidence["second mistake"] == "multiplied-as-well"
    assert "What comes of it is multiplied by 2." in found.message
    assert "the right result" not in found.message
