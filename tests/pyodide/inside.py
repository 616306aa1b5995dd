"""Runs in Pyodide: pytest on the tests that have the mark `pyodide`.

References that are not there, such as JAX, are replaced by something that skips the test that wants a number of theirs.
"""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import os
import re
import sys
from collections.abc import Sequence
from types import ModuleType
from typing import Any

sys.path[:0] = ["/repo", "/repo/kernels", "/packages"]

import pytest  # noqa: E402

REFERENCES = ("jax", "keras", "skimage", "imageio", "hypothesis")


ABSENT = re.compile(r"does not support processes|_multiprocessing|No module named 'h5py'|Numba is not installed")
"""Errors of what a browser tab does not have and tinyseg does not ask for."""


class Absent:
    """Stands for all that an absent library has; a test that calls it is skipped."""

    def __init__(self, name: str) -> None:
        """`name` is how the program calls it."""
        self._name = name

    def __getattr__(self, name: str) -> Absent:
        if name.startswith("__"):
            raise AttributeError(name)
        return Absent(f"{self._name}.{name}")

    def __call__(self, *args: Any, **options: Any) -> Any:
        reason = f"{self._name.partition('.')[0]} is not in Pyodide"
        if "PYTEST_CURRENT_TEST" in os.environ:
            pytest.skip(reason)
        if len(args) == 1 and getattr(args[0], "__name__", "").startswith("test_"):  # as a decorator of a test

            def skipped(*_: Any) -> None:
                pytest.skip(reason)

            skipped.__name__ = args[0].__name__
            return skipped
        return self

    def __mro_entries__(self, bases: tuple[Any, ...]) -> tuple[type, ...]:
        return (object,)


class AbsentModule(ModuleType):
    """A module of an absent library."""

    def __getattr__(self, name: str) -> Absent:
        if name.startswith("__"):
            raise AttributeError(name)
        return Absent(f"{self.__name__}.{name}")


class Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Finds the modules of absent libraries, for tests alone: tinyseg itself must do without."""

    def find_spec(self, fullname: str, path: Sequence[str] | None, target: Any = None) -> Any:
        if fullname.partition(".")[0] not in REFERENCES:
            return None
        frame = sys._getframe(1)
        while frame is not None and "importlib" in frame.f_code.co_filename:
            frame = frame.f_back  # type: ignore[assignment]
        importer = frame.f_code.co_filename if frame is not None else ""
        if "/tests/" not in importer:
            return None
        return importlib.machinery.ModuleSpec(fullname, self, is_package=True)

    def create_module(self, spec: Any) -> ModuleType:
        return AbsentModule(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        pass


def parts_of(item: Any) -> set[str]:
    """Return the texts among a test's parameters."""
    spec = getattr(item, "callspec", None)
    return {value for value in spec.params.values() if isinstance(value, str)} if spec else set()


class OnNumPy:
    """Leaves out the tests of compiled kernels, which are not here, and of plain loops, which take minutes."""

    def pytest_addoption(self, parser: Any) -> None:
        """Know the settings of plugins that are not here."""
        parser.addini("timeout", "of pytest-timeout")

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self) -> Any:
        """Skip a test that needs another process, Numba, or a library that is not here, when it comes to that."""
        try:
            return (yield)
        except (OSError, ModuleNotFoundError, ValueError) as error:
            if ABSENT.search(str(error)):
                pytest.skip(str(error))
            raise

    def pytest_collection_modifyitems(self, config: Any, items: list[Any]) -> None:
        """Deselect them."""
        others = {item for item in items if parts_of(item) & {"naive", "numba"}}
        items[:] = [item for item in items if item not in others]
        config.hook.pytest_deselected(items=list(others))


def main() -> int:
    sys.dont_write_bytecode = True
    os.chdir("/repo")
    sys.meta_path.append(Finder())
    from tests.support.markers import PYODIDE

    given = sys.argv[1:]
    chosen = [] if any(not text.startswith("-") and text.startswith("tests/") for text in given) else list(PYODIDE)
    return int(
        pytest.main(
            ["-o", "addopts=--import-mode=importlib", "-p", "no:cacheprovider", "-p", "no:faulthandler",
             "--capture=sys",
             "-m", "pyodide", "-q", "--tb=short", *given, *chosen],
            plugins=[OnNumPy()],
        )
    )  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
