"""An unknown name: what was meant, and all there is, near ones first and each once."""

from __future__ import annotations

import re

import pytest
from tinyseg_kernels.errors import unknown_name

import tinyseg
from tinyseg import losses, metrics, optimizers


def known(error: Exception) -> list[str]:
    """Return the names that an error lists."""
    (listed,) = re.findall(r"\(known: (.*)\)", str(error))
    return listed.split(", ")


def test_near_names_come_first() -> None:
    error = unknown_name("fruit", "appel", ["zebra", "banana", "maple", "apple"])
    assert "did you mean 'apple'?" in str(error)
    assert known(error) == ["apple", "maple", "banana", "zebra"]
    assert known(unknown_name("fruit", "q", ["b", "a"])) == ["a", "b"]
    assert known(unknown_name("fruit", "APPLE", ["pear", "apple"]))[0] == "apple"


def test_an_alias_may_be_meant_but_is_not_listed() -> None:
    error = unknown_name("error", "mea", ["MeanAbsoluteError"], ["mae"])
    assert "did you mean 'mae'?" in str(error)
    assert known(error) == ["MeanAbsoluteError"]


@pytest.mark.parametrize(("module", "name"), [(metrics, "qqq"), (losses, "qqq"), (optimizers, "qqq")])
def test_a_registry_lists_each_class_once(module: object, name: str) -> None:
    with pytest.raises(tinyseg.InvalidInput) as caught:
        module.get(name)  # type: ignore[attr-defined]
    names = known(caught.value)
    assert len({name.lower().replace("_", "") for name in names}) == len(names)
    assert all(hasattr(module, name) for name in names)
