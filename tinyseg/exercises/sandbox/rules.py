"""The rules that can be seen in the text of an answer, before anything of it runs.

They say early, and with the line, what the process would refuse anyway (`inside/lock.py`). What stands under
`if __name__ == "__main__":` never runs in a check and may do anything.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import NamedTuple

from ..exercise import STANDARD, Exercise


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


NUMPY = frozenset(
    [
        "numpy",
        *(
            f"numpy.{name}"
            for name in (
                *("char", "dtypes", "exceptions", "fft", "lib", "lib.array_utils", "lib.stride_tricks", "linalg", "ma"),
                *("matlib", "polynomial", "random", "rec", "strings", "testing", "typing"),
                *("polynomial." + kind for kind in ("chebyshev", "hermite", "legendre", "polynomial")),
            )
        ),
    ]
)
"""What of NumPy may be imported: none of it reaches files, other processes or machine code."""

CLOSED = frozenset(["f2py", "ctypeslib", "distutils", "core", "_core"])
"""What of NumPy may not even be named."""

FORBIDDEN_CALLS = _words("__import__ __builtins__ __loader__ __spec__ open exec eval compile globals breakpoint")
FORBIDDEN_ATTRIBUTES = _words(
    """__subclasses__ __globals__ __builtins__ __code__ __closure__ __loader__ __spec__ __getframe _getframe f_back
    f_globals f_locals f_builtins f_code tb_frame gi_frame gi_code cr_frame cr_code ag_frame ag_code"""
)


class Broken(NamedTuple):
    """A rule that is broken: kind and detail as the process gives them (`saying.refusal`), and the line."""

    kind: str
    detail: str
    line: int


def allowed_for(exercise: Exercise) -> frozenset[str]:
    """Return the modules that may be imported; of those without a dot, other than NumPy, what is in them too."""
    return NUMPY | STANDARD | exercise.imports


def is_allowed(module: str, allowed: frozenset[str]) -> bool:
    """Whether a module may be imported."""
    first = module.partition(".")[0]
    return module in allowed or (first != "numpy" and first in allowed)


def broken_rule(tree: ast.Module, allowed: frozenset[str]) -> Broken | None:
    """Return the first rule that a file breaks."""
    bound = set(_bound(tree))
    for node in _executed(tree):
        broken = _broken_by(node, allowed, bound)
        if broken is not None:
            return Broken(*broken, getattr(node, "lineno", 0))
    return None


def imported(tree: ast.Module) -> tuple[str, ...]:
    """Return the modules that a file names in its imports."""
    names: dict[str, None] = {}
    for node in _executed(tree):
        if isinstance(node, ast.Import):
            names |= dict.fromkeys(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= dict.fromkeys([node.module, *(f"{node.module}.{alias.name}" for alias in node.names)])
        elif isinstance(node, ast.Attribute) and node.attr in ("testing", "matlib"):
            names[f"numpy.{node.attr}"] = None
    return tuple(names)


def _broken_by(node: ast.AST, allowed: frozenset[str], bound: set[str]) -> tuple[str, str] | None:
    if isinstance(node, ast.Import):
        wrong = [alias.name for alias in node.names if not is_allowed(alias.name, allowed)]
        return ("import", wrong[0]) if wrong else None
    if isinstance(node, ast.ImportFrom):
        module = "." * node.level + (node.module or "")
        closed = [f"numpy.{alias.name}" for alias in node.names if module == "numpy" and alias.name in CLOSED]
        return ("import", [*closed, module][0]) if closed or not is_allowed(module, allowed) else None
    if isinstance(node, ast.Name) and node.id in FORBIDDEN_CALLS and node.id not in bound:
        return "call", node.id
    if isinstance(node, ast.Attribute) and node.attr in FORBIDDEN_ATTRIBUTES:
        return "frames", node.attr
    return None


def _bound(tree: ast.Module) -> Iterator[str]:
    """Yield the names that the file gives a meaning of its own: a morphological `open` is no file."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id
        elif isinstance(node, ast.FunctionDef | ast.ClassDef | ast.AsyncFunctionDef):
            yield node.name
        elif isinstance(node, ast.arg):
            yield node.arg


def _executed(node: ast.AST) -> Iterator[ast.AST]:
    """Go through a tree in the order of the text, but not into what runs only when the file is started by itself.

    Without recursion: who hands in a tree of any depth may.
    """
    todo = [node]
    while todo:
        node = todo.pop()
        if isinstance(node, ast.If) and _is_main(node.test):
            todo += reversed(node.orelse)
        else:
            yield node
            todo += reversed(list(ast.iter_child_nodes(node)))


def _is_main(test: ast.expr) -> bool:
    """Whether this is `__name__ == "__main__"`."""
    if not isinstance(test, ast.Compare) or len(test.ops) != 1 or not isinstance(test.ops[0], ast.Eq):
        return False
    sides = {
        ast.unparse(side) for side in (test.left, test.comparators[0]) if isinstance(side, ast.Name | ast.Constant)
    }
    return sides == {"__name__", "'__main__'"}
