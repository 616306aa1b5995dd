"""The reference: a page for each public name, made by autodoc from its docstring."""

from __future__ import annotations

import ast
import inspect
import itertools
from importlib import import_module
from pathlib import Path
from pprint import pformat

from .docstrings import escaped
from .public import GROUPS, Name, operation_functions, operations, public_names
from .stage import Stage

INHERITED = {"Model", "Sequential"}
"""Classes whose methods come from classes that are not public."""


HIDDEN = "convolve, convolve_backward, checked, pool, pool_backward"
"""Members that are the operations of a layer, which have pages of their own."""


def stage_api(stage: Stage) -> None:
    """Put the pages of the reference into the stage."""
    folders = []
    for module, heading in GROUPS.items():
        folder = module.removeprefix("tinyseg.").replace(".", "_")
        names = public_names(module)
        _stage_group(stage, folder, heading, module, names)
        folders.append(folder)
    for operation in operations():
        names = operation_functions(operation)
        _stage_group(stage, f"kernels_{operation}", f"{operation}", f"tinyseg_kernels.{operation}", names)
    kernels = [f"kernels_{operation}" for operation in operations()]
    stage.put("api/types.rst", _types())
    stage.put("api/index.rst", _index(folders, kernels))


TYPES = ("tinyseg_kernels.types", "tinyseg.utils.types", "tinyseg.utils.arguments")
"""Modules whose names of types stand in signatures."""


def _types() -> str:
    """Return the page of the types in signatures: what each name means, as its file says."""
    rows = []
    for module in TYPES:
        code = Path(import_module(module).__file__ or "").read_text("utf-8")
        for given, text in itertools.pairwise(ast.parse(code).body):
            is_alias = isinstance(given, ast.AnnAssign) and ast.unparse(given.annotation) == "TypeAlias"
            if is_alias and isinstance(text, ast.Expr) and isinstance(text.value, ast.Constant):
                about = " ".join(str(text.value.value).split())
                rows += [f"   * - ``{ast.unparse(given.target)}``", f"     - {escaped(about)}"]
    title = "Types in signatures"
    table = [".. list-table::", "   :widths: 25 75", "   :class: names", "", *rows]
    return "\n".join([title, "=" * len(title), "", *table, ""])


def _index(folders: list[str], kernels: list[str]) -> str:
    modules = "\n".join(f"   {folder}/index" for folder in folders)
    deep = "\n".join(f"   {folder}/index" for folder in kernels)
    return f"""\
API reference
=============

The names, arguments and defaults are Keras's where Keras has them. Each page is made from the docstring: what it is,
its formula, shapes and errors, an example that a test runs, and the way to its code. Images are (N, H, W, C), a kernel
is (KH, KW, C, F), a dense kernel (D, F).

.. toctree::
   :caption: tinyseg
   :maxdepth: 1

{modules}
   types

.. toctree::
   :caption: tinyseg_kernels: the arithmetic
   :maxdepth: 1

{deep}
"""


def _stage_group(stage: Stage, folder: str, heading: str, module: str, names: list[Name]) -> None:
    title = heading if module.startswith("tinyseg_kernels") else f"{heading}: {module}"
    rows = []
    for name in names:
        others = f" (also {', '.join(f'``{other}``' for other in name.aliases)})" if name.aliases else ""
        rows += [f"   * - :doc:`{name.name} <{name.page}>`{others}", f"     - {_cell(name)}"]
        stage.put(f"api/{folder}/{name.page}.rst", _page(name))
    table = [".. list-table::", "   :widths: 30 70", "   :class: names", "", *rows] if rows else []
    hidden = [".. toctree::", "   :hidden:", "", *(f"   {name.page}" for name in names)] if rows else []
    ladder = []
    if module.startswith("tinyseg_kernels."):
        operation = module.partition(".")[2]
        ladder = [
            f"The derivation, and the code of every rung: :doc:`the ladder of {operation} </ladder/{operation}>`.",
            "",
        ]
    about = [f".. automodule:: {module}", ""] if not ladder else [f".. py:module:: {module}", ""]
    text = [title, "=" * len(title), "", *ladder, *about, *table, "", *hidden, ""]
    stage.put(f"api/{folder}/index.rst", "\n".join(text))


def _cell(name: Name) -> str:
    about = name.summary or " ".join(value_text(name)).split(". ")[0]
    return escaped(about) or "A value."


def _plain(thing: object) -> object:
    """Return a value as it is read best: of a table of objects, its names."""
    return sorted(thing) if isinstance(thing, dict) else thing


def value_text(name: Name) -> list[str]:
    """Return the text that stands below a constant or another name of a type, in the file that defines it."""
    package = Path(inspect.getfile(import_module(name.module))).parent
    for file in sorted(package.rglob("*.py")):
        body = ast.parse(file.read_text("utf-8")).body
        for given, text in itertools.pairwise(body):
            if _defines(given, name.name) and isinstance(text, ast.Expr) and isinstance(text.value, ast.Constant):
                return inspect.cleandoc(str(text.value.value)).splitlines()
    return []


def _defines(statement: ast.stmt, name: str) -> bool:
    targets = statement.targets if isinstance(statement, ast.Assign) else [getattr(statement, "target", None)]
    return any(isinstance(target, ast.Name) and target.id == name for target in targets)


def _page(name: Name) -> str:
    title = name.name
    lines = [title, "=" * len(title), "", f".. currentmodule:: {name.module}", ""]
    if inspect.isclass(name.thing):
        lines += [f".. autoclass:: {name.module}.{name.name}", "   :members:", f"   :exclude-members: {HIDDEN}"]
        if name.name in INHERITED:
            lines += ["   :inherited-members:"]
    elif inspect.isroutine(name.thing):
        lines += [f".. autofunction:: {name.module}.{name.name}"]
    else:
        lines += [f".. py:data:: {name.name}", "", *(f"   {escaped(x)}" for x in value_text(name)), ""]
        lines += [
            "   Its value::",
            "",
            *(f"      {line}" for line in pformat(_plain(name.thing), width=88).splitlines()),
        ]
    if name.aliases:
        others = ", ".join(f"``{other}``" for other in name.aliases)
        lines += ["", f"Other names, as in Keras: {others}."]
    return "\n".join([*lines, ""])
