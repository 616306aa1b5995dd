"""The library's own code, shown as it runs: read from its file, never copied into a text."""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import TypeAlias

import tinyseg_kernels
from tinyseg_kernels.errors import InvalidInput

import tinyseg

from .displaying import markdown

ROOTS = tuple(Path(module.__file__ or "").parent.parent for module in (tinyseg, tinyseg_kernels))
Source: TypeAlias = ModuleType | Callable[..., object]
"""What has code in a file: a module, a function, a class."""

LANGUAGES = {".py": "python", ".cu": "cuda", ".cuh": "cuda", ".toml": "toml"}


def source(thing: Source | str, *, docstring: bool = True, part: tuple[str, str] | None = None) -> None:
    """Show the code of a function, a class or a module of the library, or of a file in it, with where it stands.

    Args:
        thing: A function, also a compiled one; a class; a module; or a path below the packages, such as
            'tinyseg_kernels/gemm/ladder.cu'.
        docstring: False leaves the docstring of a function or class out.
        part: Show only from the first line that contains the first text to the next one that contains the second.

    Raises:
        InvalidInput: There is no such file, or no such part.

    Example:
        >>> from tinyseg.book import source
        >>> from tinyseg.metrics.confusion import iou_per_class
        >>> source(iou_per_class, docstring=False)  # doctest: +ELLIPSIS
        `tinyseg/metrics/confusion.py`, line ...:
        <BLANKLINE>
        ```python
        def iou_per_class(cm: Array) -> Array:
            both, union = np.diag(cm), cm.sum(axis=1) + cm.sum(axis=0) - np.diag(cm)
            return _ratio(both, union)
        ```
    """
    path, code, line = _file(thing) if isinstance(thing, str) else _object(thing)
    if not docstring:
        code = _without_docstring(code)
    if part is not None:
        code, skipped = _between(code, *part, path=path)
        line += skipped
    where = next((path.relative_to(root).as_posix() for root in ROOTS if path.is_relative_to(root)), path.name)
    language = LANGUAGES.get(path.suffix, "text")
    language = "cpp" if language == "cuda" else language
    markdown(f"`{where}`, line {line}:\n\n```{language}\n{code.rstrip()}\n```")


def _object(thing: Source) -> tuple[Path, str, int]:
    if not isinstance(thing, ModuleType):
        thing = inspect.unwrap(getattr(thing, "py_func", thing))
    path = inspect.getsourcefile(thing)
    if path is None:
        raise InvalidInput(f"source: expected a function, class, module or path of the library, got {thing!r}")
    lines, line = inspect.getsourcelines(thing)
    return Path(path), textwrap.dedent("".join(lines)), max(line, 1)


def _file(name: str) -> tuple[Path, str, int]:
    for root in ROOTS:
        if (root / name).is_file():
            return root / name, (root / name).read_text("utf-8"), 1
    raise InvalidInput(f"source: no file {name!r} below {' or '.join(str(root) for root in ROOTS)}")


def _without_docstring(code: str) -> str:
    first = ast.parse(code).body[0]
    body = getattr(first, "body", [])
    text = body[0] if body and isinstance(body[0], ast.Expr) and isinstance(body[0].value, ast.Constant) else None
    if text is None or not isinstance(first, ast.FunctionDef | ast.ClassDef):
        return code
    lines = code.splitlines()
    del lines[text.lineno - 1 : text.end_lineno]
    return "\n".join(lines)


def _between(code: str, begin: str, end: str, *, path: Path) -> tuple[str, int]:
    lines = code.splitlines()
    start = next((k for k, line in enumerate(lines) if begin in line), None)
    stop = next((k for k, line in enumerate(lines) if start is not None and k > start and end in line), None)
    if start is None or stop is None:
        raise InvalidInput(f"source: {path.name} has no part from a line with {begin!r} to one with {end!r}")
    return textwrap.dedent("\n".join(lines[start : stop + 1])), start
