"""Every public name has an example in its docstring, and every example gives what it says."""

from __future__ import annotations

import doctest
import inspect
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

import tinyseg
from docs.site.sitebuild.public import GROUPS, operations, public_names

VALUES = {
    "tinyseg.backend", "tinyseg.applications.DECODERS", "tinyseg.applications.ENCODERS", "tinyseg.callbacks.HOOKS",
    "tinyseg.callbacks.Logs", "tinyseg.datasets.Color", "tinyseg.datasets.SCENE_CLASSES", "tinyseg.datasets.VOID",
    "tinyseg.diagnosis.OPERATIONS",
}  # fmt: skip
"""Public names that are no class and no function: constants, names of types, and a module that can be called."""

FLAGS = doctest.NORMALIZE_WHITESPACE


@pytest.fixture(autouse=True)
def quiet_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Compute by NumPy, draw nowhere, and write into a folder that goes away."""
    import matplotlib.pyplot as plt

    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TINYSEG_BOOK", "full")
    plt.switch_backend("Agg")
    before = tinyseg.get_backend()
    tinyseg.set_backend("numpy")
    yield
    tinyseg.set_backend(before)
    plt.close("all")


def run(text: str, name: str) -> tuple[int, str]:
    """Run the examples of a docstring; return how many lines there were, and what is wrong with them."""
    test = doctest.DocTestParser().get_doctest(text, {}, name, None, None)
    said: list[str] = []
    doctest.DocTestRunner(optionflags=FLAGS, verbose=False).run(test, out=said.append)
    return len(test.examples), "".join(said)


def text_of(thing: Any) -> str:
    """Return the docstring of a class or function."""
    return inspect.getdoc(thing) or ""


@pytest.mark.parametrize("module", GROUPS)
def test_each_public_name_has_an_example_that_is_right(module: str) -> None:
    without = set()
    for name in public_names(module):
        if not (inspect.isclass(name.thing) or inspect.isroutine(name.thing)):
            assert name.full in VALUES
            continue
        lines, wrong = run(text_of(name.thing), name.full)
        assert wrong == "", wrong
        if not lines:
            without.add(name.full)
    assert without == set()


@pytest.mark.parametrize("operation", list(operations()))
def test_each_operation_has_an_example_that_is_right(operation: str) -> None:
    lines, wrong = run(import_module(f"tinyseg_kernels.{operation}").__doc__ or "", operation)
    assert lines >= 3
    assert wrong == "", wrong


def test_a_wrong_example_is_seen() -> None:
    assert run("Example:\n    >>> 1 + 1\n    3\n", "wrong")[1] != ""
    assert run("Example:\n    >>> 1 + 1\n    2\n", "right") == (1, "")
    assert run("No example.", "none") == (0, "")
