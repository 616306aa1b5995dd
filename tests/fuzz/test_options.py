"""No option of a wrong kind ends in an error that does not say which one it was, or counts for something."""

from __future__ import annotations

import warnings

import pytest
from tinyseg_kernels.backend import backend

from .kernel_calls import RECIPES, public_functions
from .options import faults, options_of


@pytest.mark.parametrize("name", ["numpy", "numba"])
@pytest.mark.parametrize("recipe", RECIPES)
def test_options_of_wrong_kinds_are_refused_in_words_or_obeyed(recipe: str, name: str) -> None:
    with warnings.catch_warnings(), backend(name):
        warnings.simplefilter("ignore")
        assert list(faults(recipe)) == []


def test_options_are_swept() -> None:
    assert sum(len(options_of(function)) for function in public_functions()) > 70
