"""Imports run one way, without a circle, and importing the library loads nothing that is not needed yet."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from importlib.util import resolve_name
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = {
    "tinyseg": ROOT / "tinyseg",
    "tinyseg_kernels": ROOT / "kernels" / "tinyseg_kernels",
    "tinyseg_emulator": ROOT / "kernels" / "tinyseg_emulator",
}
HEAVY = {"matplotlib", "sklearn", "scipy", "numba", "cupy", "jax", "torch", "PIL", "rich", "typer", "tifffile"}


class Module(NamedTuple):
    """A module, and the modules that its file imports, at its top or inside functions."""

    name: str
    imports: frozenset[str]


@cache
def modules() -> Mapping[str, Module]:
    """Return all modules of the packages by name."""
    files = {
        _name_of(package, folder, path): path for package, folder in PACKAGES.items() for path in folder.rglob("*.py")
    }
    return {name: Module(name, frozenset(_imports(name, path, files)) - {name}) for name, path in files.items()}


def _name_of(package: str, folder: Path, path: Path) -> str:
    parts = path.relative_to(folder).with_suffix("").parts
    return ".".join((package, *(parts[:-1] if parts[-1] == "__init__" else parts)))


def _imports(name: str, path: Path, files: Iterable[str]) -> Iterator[str]:
    """Yield the modules that a file names in its imports; `from a import b` means a.b if that is one, else a."""
    package = name if path.stem == "__init__" else name.rpartition(".")[0]
    for node in _executed(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            source = resolve_name("." * node.level + (node.module or ""), package) if node.level else node.module or ""
            for alias in node.names:
                yield full if (full := f"{source}.{alias.name}") in files else source


def _executed(node: ast.AST) -> Iterator[ast.AST]:
    """Go through a tree, but not into what is there for type checkers alone."""
    yield node
    if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
        children: Iterable[ast.AST] = node.orelse
    else:
        children = ast.iter_child_nodes(node)
    for child in children:
        yield from _executed(child)


def circles(imports: Mapping[str, Iterable[str]]) -> list[frozenset[str]]:
    """Return the groups of modules in which each reaches each other one."""
    reached = {name: _reached(name, imports) for name in imports}
    groups = {frozenset(other for other in reached[name] if name in reached[other]) for name in imports}
    return sorted((group for group in groups if len(group) > 1), key=sorted)


def _reached(name: str, imports: Mapping[str, Iterable[str]]) -> set[str]:
    found, todo = {name}, [name]
    while todo:
        new = {other for other in imports[todo.pop()] if other in imports} - found
        found |= new
        todo += new
    return found


def test_what_is_found_as_a_circle() -> None:
    assert circles({"a": ["b"], "b": ["c", "d"], "c": ["a", "numpy"], "d": []}) == [frozenset("abc")]
    assert circles({"a": ["b", "c"], "b": ["c"], "c": []}) == []


def test_every_module_is_read() -> None:
    assert len(modules()) > 300
    numba_cpu = modules()["tinyseg_kernels.conv2d.numba_cpu"].imports
    assert {"tinyseg_kernels.conv2d.cpu.algorithm", "tinyseg_kernels.conv2d.numpy_cpu", "numpy"} <= numba_cpu
    # Inside a function:
    assert "tinyseg_kernels.gpu.emulation" in modules()["tinyseg_kernels.device"].imports


def test_there_is_no_circle() -> None:
    found = circles({module.name: module.imports for module in modules().values()})
    assert [sorted(circle) for circle in found] == []


@pytest.mark.parametrize(
    ("below", "above"),
    [
        ("tinyseg_kernels", ("tinyseg", "tinyseg_emulator")),
        ("tinyseg_emulator", ("tinyseg",)),
        ("tinyseg", ("tinyseg.cli", "tinyseg.__main__")),
    ],
)
def test_imports_run_one_way(below: str, above: tuple[str, ...]) -> None:
    found = {
        f"{module.name} imports {imported}"
        for module in modules().values()
        if _is_in(module.name, below) and not any(_is_in(module.name, package) for package in above)
        for imported in module.imports
        if any(_is_in(imported, package) for package in above)
    }
    assert found == set()


def _is_in(name: str, package: str) -> bool:
    return name == package or name.startswith(f"{package}.")


@pytest.mark.parametrize("backend", ["numpy", "numba"])
def test_importing_loads_what_is_needed_and_no_more(backend: str) -> None:
    """Neither other libraries nor rungs: those of a GPU least of all."""
    program = (
        "import sys, json, tinyseg, tinyseg.layers, tinyseg.models; "
        f"tinyseg.set_backend({backend!r}); print(json.dumps([*sys.modules]))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=300)
    loaded = set(json.loads(done.stdout.splitlines()[-1]))
    assert {"tinyseg_kernels.device", "tinyseg_kernels.backend"} <= loaded
    assert loaded & HEAVY == set()
    rooms = ("tinyseg_kernels.gpu", "tinyseg_kernels.cpu", "tinyseg_emulator", "tinyseg.cli")
    found = {name for name in loaded if any(_is_in(name, room) for room in rooms)}
    # How many threads there are is known without a kernel.
    assert {name for name in found if not _is_in(name, "tinyseg_kernels.cpu.threading")} <= {"tinyseg_kernels.cpu"}


def test_importing_loads_no_library_but_numpy() -> None:
    """As the package says of itself.

    What Python loads at its start, such as the hooks of installed packages, is left out.
    """
    program = (
        "import json, sys; before = set(sys.modules); import tinyseg; "
        "print(json.dumps(sorted({name.partition('.')[0] for name in set(sys.modules) - before} - "
        "sys.stdlib_module_names)))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=300)
    found = {name for name in json.loads(done.stdout.splitlines()[-1]) if "cython" not in name}  # of NumPy's extensions
    assert found == {"numpy", "tinyseg", "tinyseg_kernels"}


def test_what_is_loaded_later_is_loaded_by_its_name() -> None:
    program = (
        "import sys, tinyseg; names = [f'tinyseg.{name}' for name in tinyseg._LAZY]; "
        "assert not set(names) & set(sys.modules); [getattr(tinyseg, name) for name in tinyseg._LAZY]; "
        "assert set(names) <= set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", program], check=True, timeout=300)
