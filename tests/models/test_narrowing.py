"""Numbers that are too large for the model's dtype are refused, not made infinite."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tinyseg import InvalidInput
from tinyseg.layers import Dense, Input
from tinyseg.models import Model


def model(dtype: str = "float32") -> Model:
    x = Input(shape=(2,), name="pixels", dtype=dtype)
    made = Model(x, Dense(1)(x))
    made.compile("sgd", "mse")
    return made


@pytest.mark.parametrize("method", ["predict", "evaluate", "fit"])
@pytest.mark.parametrize("value", [1e300, -1e39])
def test_too_large_numbers_are_refused(method: str, value: float) -> None:
    x = np.array([[1.0, value], [0.0, 2.0]])
    given: tuple[Any, ...] = (x,) if method == "predict" else (x, np.zeros((2, 1)))
    said = r"input 'pixels': numbers of up to 3.4e\+38 fit into float32, got float64"
    said = said if method == "predict" else "the input contains .*, which is infinite in float32"
    with pytest.raises(InvalidInput, match=said):
        getattr(model(), method)(*given, verbose=0)


def test_nan_beside_them_hides_nothing() -> None:
    with pytest.raises(InvalidInput, match="input 'pixels': numbers of up to"):
        model().predict(np.array([[np.nan, 1e300], [np.inf, 2.0]]), verbose=0)


def test_what_fits_is_taken() -> None:
    assert np.isfinite(model().predict(np.array([[1.0, 1e37], [1e-300, 2.0]]), verbose=0)).all()
    assert np.isfinite(model("float64").predict(np.array([[1e300, 1.0]]), verbose=0)).all()
    assert not np.isfinite(model().predict(np.array([[np.inf, 1.0]]), verbose=0)).any()  # infinite as it came
