"""The kernel ladder: a page for each operation, its derivation on top and the code of every rung side by side."""

from __future__ import annotations

import inspect
import re
from importlib import import_module
from pathlib import Path

from .links import ROOT
from .public import operations
from .stage import WIDE, Stage

KERNELS = ROOT / "kernels" / "tinyseg_kernels"
RUNGS = {
    "naive": "Loops",
    "numpy_cpu": "NumPy",
    "numba_cpu": "Compiled",
    "numba_gpu": "Numba CUDA",
    "cupy_gpu": "CUDA C++",
}
"""File of a rung -> what the tab is called."""

LANGUAGES = {".py": "python", ".cu": "cuda", ".cuh": "cuda"}


def stage_ladder(stage: Stage) -> None:
    """Put the pages into the stage."""
    names = list(operations())
    for name in names:
        stage.put(f"ladder/{name}.md", _page(name))
    firsts = {name: _first(name) for name in names}
    rows = "\n".join(f"| [{name}]({name}.md) | {firsts[name]} |" for name in names)
    entries = "\n".join(names)
    stage.put(
        "ladder/index.md",
        f"""\
{WIDE}# The kernel ladder

Each operation of the library is written five times, with the same functions: as loops to read beside the formula, in
NumPy, compiled for the CPU, in Numba CUDA and in CUDA C++. A page shows the derivation and then the five side by side,
both taken from the source. The tests compare each with the others, with JAX and with central differences.

| operation | what it computes |
|---|---|
{rows}

```{{toctree}}
:hidden:

{entries}
```
""",
    )


def _doc(name: str) -> str:
    return inspect.getdoc(import_module(f"tinyseg_kernels.{name}")) or ""


def _first(name: str) -> str:
    return prose(" ".join(_doc(name).split("\n\n")[0].split()))


def prose(text: str) -> str:
    """Return a docstring as Markdown: formulas stand indented already, and in sentences a star is a product."""
    text = re.sub(r"^Example:\n((?:    .*\n?)+)", lambda found: _example(found[1]), text, flags=re.MULTILINE)
    return "\n".join(line if line.startswith("    ") else _plain(line) for line in text.splitlines())


def _example(block: str) -> str:
    return f"An example:\n\n{block}"


def _plain(line: str) -> str:
    parts = re.split(r"(`+[^`]+`+)", line)
    return "".join(part if k % 2 else re.sub(r"(?<!^)([*_|<\[$])", r"\\\1", part) for k, part in enumerate(parts))


def _page(name: str) -> str:
    tabs = "\n".join(
        _tab(name, rung, title) for rung, title in RUNGS.items() if (KERNELS / name / f"{rung}.py").is_file()
    )
    return f"""\
{WIDE}# {name}

{prose(_doc(name))}

## The ladder

::::::{{tab-set}}
:class: ladder
{tabs}
::::::

## Who chooses, and what is checked

The public functions check their arguments and call the rung of the backend in use; `tinyseg.set_backend` chooses it.

{_code(KERNELS / name / "__init__.py")}
"""


def _tab(name: str, rung: str, title: str) -> str:
    folder = KERNELS / name
    parts = [_code(folder / f"{rung}.py")]
    if rung == "cupy_gpu":
        parts += [_code(path) for path in sorted(folder.rglob("*.cu"))]
    parts += _below(folder, rung)
    body = "\n\n".join(parts)
    return f":::::{{tab-item}} {title}\n:sync: {rung}\n\n{body}\n:::::\n"


def _below(folder: Path, rung: str) -> list[str]:
    """Return links to what a rung stands on in its own folder."""
    below = folder / {"numba_cpu": "cpu", "numba_gpu": "gpu", "cupy_gpu": "gpu"}.get(rung, "none")
    files = sorted(path for path in below.rglob("*.py") if path.name != "__init__.py")
    if not files:
        return []
    links = "\n".join(f"- {_link(path)}" for path in files)
    return [f"It stands on:\n\n{links}"]


def _link(path: Path) -> str:
    place = path.relative_to(ROOT).as_posix()
    return f"[`{place}`](../{place})"


def _code(path: Path) -> str:
    code = path.read_text("utf-8").rstrip()
    if path.name == "__init__.py":
        code = _without_docstring(code)
    return f"{_link(path)}\n\n~~~~{{code-block}} {LANGUAGES[path.suffix]}\n{code}\n~~~~"


def _without_docstring(code: str) -> str:
    import ast

    first = ast.parse(code).body[0]
    is_text = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant)
    return "\n".join(code.splitlines()[first.end_lineno :]).strip() if is_text else code
