"""docs/keras.md and the tables that errors speak from, held against Keras itself."""

from __future__ import annotations

import inspect
from importlib import import_module
from pathlib import Path

import keras
import pytest

import tinyseg
from tests.parity import keras_page, keras_signatures
from tests.utils.test_keras_signatures import same_value
from tinyseg.utils import keras_names

of_this_version = pytest.mark.skipif(
    keras.__version__ != keras_names.VERSION, reason=f"the page is of Keras {keras_names.VERSION}"
)
ROOT = Path(__file__).parents[2]
NAMES = [(module, name) for module, names in keras_names.NAMES.items() for name in names.split()]

OWN_DEFAULTS = {
    ("models.Model.evaluate", "verbose"), ("models.Model.predict", "verbose"), ("models.Model.summary", "print_fn"),
    ("utils.plot_model", "to_file"), ("layers.Input", "shape"), ("layers.InputLayer", "shape"),
}  # fmt: skip
"""Shared arguments whose default differs on purpose, as the page says."""


@of_this_version
def test_what_keras_has_is_written_down() -> None:
    path = ROOT / "tinyseg/utils/keras_signatures.py"
    command = "python -m tests.parity.keras_signatures tinyseg/utils/keras_signatures.py"
    assert path.read_text("utf-8") == keras_signatures.content(), f"run: {command}"


def test_page_is_up_to_date() -> None:
    page = ROOT / "docs/keras.md"
    assert page.read_text("utf-8") == keras_page.keras_page(), "run: python -m tests.parity.keras_page docs/keras.md"


def test_shared_arguments_have_keras_defaults() -> None:
    seen = 0
    for full in keras_names.SIGNATURES:
        module, _, name = full.rpartition(".")
        thing = keras_page.found(module, name)
        if thing is None or name in ("get", "serialize", "CallbackList"):
            continue
        own = keras_page.arguments_of(thing)
        for argument, (default, _) in keras_names.keras_arguments(full).items():
            if argument not in own or argument == "name" or (full, argument) in OWN_DEFAULTS:
                continue
            mine = own[argument].default
            optional_here = (
                default is inspect.Parameter.empty
            )  # where Keras requires an argument, a default does no harm
            assert optional_here or same_value(mine, default), (full, argument, mine, default)
            seen += 1
    assert seen > 250


def test_every_name_has_a_row_and_absent_ones_say_what_to_use() -> None:
    absent = 0
    for module, name in NAMES:
        _, status, words = keras_page.row(module, name)
        if status != "absent":
            continue
        absent += 1
        try:
            there = import_module(f"tinyseg.{module}".rstrip("."))
        except ModuleNotFoundError:
            continue
        with pytest.raises(AttributeError) as attribute:
            getattr(there, name)
        assert words in str(attribute.value)
        assert not hasattr(there, name)
        with pytest.raises(ImportError) as imported:
            exec(f"from {there.__name__} import {name}", {})
        assert words in str(imported.value)
    assert absent > 300


def test_no_word_is_about_a_name_that_is_there() -> None:
    for module, patterns, _ in keras_names.ABSENT:
        for pattern in patterns.split():
            if not any(sign in pattern for sign in "*[") and pattern != "keras":
                assert pattern in keras_names.NAMES[module].split(), f"Keras has no {module}.{pattern}"
                assert keras_page.found(module, pattern) is None, f"{module}.{pattern} is there by now"
    for full in keras_names.DIFFERENT:
        module, _, name = full.rpartition(".")
        assert keras_page.found(module, name) is not None, full


def test_names_given_as_texts() -> None:
    for get, name, word in (
        (tinyseg.metrics.get, "auc", "roc_auc_score"),
        (tinyseg.losses.get, "huber", "MeanSquaredError"),
        (tinyseg.optimizers.get, "nadam", "use Adam"),
        (tinyseg.initializers.get, "orthogonal", "GlorotUniform"),
        (tinyseg.activations.get, "sparsemax", "softmax"),
    ):
        with pytest.raises(tinyseg.InvalidInput, match=word):
            get(name)


def test_modules_of_keras() -> None:
    import tinyseg.backend
    import tinyseg.regularizers

    assert tinyseg.backend.epsilon() == 1e-7
    with tinyseg.backend("numpy"):
        assert tinyseg.get_backend() == "numpy"
    with pytest.raises(ImportError, match="weight_decay"):
        from tinyseg.regularizers import l2  # noqa: F401
