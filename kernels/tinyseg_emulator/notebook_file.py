"""Checks the kernels in the cells of a Jupyter notebook: CUDA C++ in cells of its own or in strings, and Numba."""

from __future__ import annotations

import ast
import json
import re
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

from tinyseg_kernels.errors import InvalidInput

from .checks.comments import racecheck_comments
from .checks.findings import Findings
from .checks.records import Access, Finding
from .cuda.check import THREAD_ORDERS, CompilerOptions, check_cuda_source
from .cuda.source_files import keep_lines

_CUDA_MAGICS = ("%%cu", "%%cuda", "%%cuda_group_save", "%%nvcc", "%%racecheck", "%%cpp")
_WRITES = re.compile(r"%%(?:writefile|file)\s+(?:-a\s+)?(\S+)|%%cuda\w*.*?(?:-n|--name)\s+\"?([^\s\"]+)")
_JITTED = re.compile(r"\bcuda\.jit\b|\bfrom\s+numba\b|\bimport\s+numba\b")


@dataclass(frozen=True)
class Cell:
    """A cell with code.

    Args:
        number: Its place among the cells with code, from 1.
        text: Its source, without the line of a magic; lines keep their numbers.
        file: Name of the file that it writes, '' for none.
        magic: Its magic, such as '%%cu', '' for none.
    """

    number: int
    text: str
    file: str
    magic: str


def read_cells(path: Path) -> list[Cell]:
    """Return the cells of a notebook that hold code.

    Raises:
        InvalidInput: The file cannot be read, or is no notebook.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8-sig"))
        cells = content["cells"] if "cells" in content else content["worksheets"][0]["cells"]
        sources = [cell.get("source", cell.get("input", "")) for cell in cells if cell.get("cell_type") == "code"]
    except (OSError, ValueError, LookupError, TypeError, AttributeError) as error:
        raise InvalidInput(f"{path}: expected a Jupyter notebook (JSON with cells), got {error}") from error
    found = []
    for number, source in enumerate(sources, start=1):
        text = source if isinstance(source, str) else "".join(str(line) for line in source)
        first, _, rest = text.replace("\r\n", "\n").partition("\n")
        magic = first.split()[0] if first.startswith("%%") else ""
        written = _WRITES.match(first)
        name = (written[1] or written[2]) if written else ""
        found.append(Cell(number, f"\n{rest}" if magic else text, name, magic))
    return found


def check_notebook(
    path: str | Path,
    kernel: str | None = None,
    *,
    thread_orders: Sequence[str] = THREAD_ORDERS,
    seed: int = 0,
    options: CompilerOptions | None = None,
) -> Findings:
    """Run the kernels in a notebook's cells under all checks, as comments in the cells say.

    A cell that begins with %%cu, %%cuda or %%writefile FILE.cu, or that holds `__global__`, is a file of CUDA C++; so
    is a string with `__global__` in a Python cell. Files that cells write can be included by others. All other Python
    cells together are a Numba script.

    Args:
        path: The notebook.
        kernel: Name of a kernel; None for all that a comment names.
        thread_orders: The orders of threads in which each launch is run.
        seed: Seed of random arguments.
        options: Macros, folders of headers and the C++ standard.

    Raises:
        InvalidInput: The file cannot be read, or there is no comment that says how to launch a kernel.
    """
    path = Path(path)
    cells = read_cells(path)
    findings = Findings()
    launches = 0
    with tempfile.TemporaryDirectory(prefix="tinyseg-notebook-") as folder:
        _write_files(cells, Path(folder))
        given = options or CompilerOptions()
        with_folders = replace(given, include=(path.resolve().parent, *given.include))
        for cell in cells:
            for text in cuda_sources(cell):
                name = f"{path}[cell {cell.number}]"
                if not any(_names(comment.text, kernel) for comment in racecheck_comments(text)):
                    findings.not_checked += [] if kernel else [f"cell {cell.number}"]
                    continue
                launches += 1
                keep_lines(name, text)
                found = check_cuda_source(
                    text,
                    name,
                    kernel,
                    folder=Path(folder),
                    thread_orders=thread_orders,
                    seed=seed,
                    options=with_folders,
                )
                findings.include(found)
                findings.not_checked += found.not_checked
        launches += _check_numba(path, cells, Path(folder), kernel, thread_orders, seed, findings)
    if not launches:
        raise InvalidInput(
            f"{path}: found no comment that says how to launch a kernel in its {len(cells)} cells with code; expected "
            "a line such as  // racecheck: scale<<<2, 64>>>(float x[128] = random, int n = 128)  in a cell with kernels"
        )
    return findings


def _names(comment: str, kernel: str | None) -> bool:
    return kernel is None or re.search(rf"(?<!\w){re.escape(kernel)}\s*(?:<|\[)", comment) is not None


def _write_files(cells: Sequence[Cell], folder: Path) -> None:
    for cell in cells:
        target = Path(cell.file) if cell.file else None
        if target is not None and not target.is_absolute() and ".." not in target.parts:
            (folder / target).parent.mkdir(parents=True, exist_ok=True)
            (folder / target).write_text(cell.text, encoding="utf-8")


def cuda_sources(cell: Cell) -> list[str]:
    """Return the CUDA C++ sources of a cell, each with as many lines before it as in the cell."""
    if "__global__" not in cell.text:
        return []
    if cell.magic in _CUDA_MAGICS or (cell.file and not cell.file.endswith((".h", ".cuh", ".hpp", ".py"))):
        return [cell.text]
    if cell.file:
        return []
    try:
        tree = ast.parse(_without_magics(cell.text))
    except SyntaxError:
        return [cell.text]
    return [
        "\n" * (node.lineno - 1) + node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and "__global__" in node.value
    ]


def _without_magics(text: str) -> str:
    """Make comments of the lines that only a notebook understands."""
    return re.sub(r"^(\s*)([%!?])", r"\1pass  # \2", text, flags=re.MULTILINE)


def _check_numba(
    path: Path,
    cells: Sequence[Cell],
    folder: Path,
    kernel: str | None,
    thread_orders: Sequence[str],
    seed: int,
    findings: Findings,
) -> int:
    """Check the Python cells as one script; returns how many launches there were."""
    lines: list[str] = []
    places: list[tuple[int, int]] = []
    for cell in cells:
        if cell.magic or cuda_sources(cell):
            continue
        own = _without_magics(cell.text).split("\n")
        places += [(cell.number, k) for k in range(1, len(own) + 1)]
        lines += own
    text = "\n".join(lines)
    comments = [comment for comment in racecheck_comments(text) if _names(comment.text, kernel)]
    if not comments or not _JITTED.search(text):
        return 0
    from .simulator.check import check_numba

    script = folder / f"{path.stem}.py"
    script.write_text(text, encoding="utf-8")
    for number in sorted({number for number, _ in places}):
        keep_lines(
            f"{path}[cell {number}]", "\n".join(line for line, at in zip(lines, places, strict=True) if at[0] == number)
        )

    def in_the_notebook(place: str) -> str:
        file, _, line = place.rpartition(":")
        if Path(file).name != script.name or not line.isdigit() or not 0 < int(line) <= len(places):
            return place
        number, own_line = places[int(line) - 1]
        return f"{path}[cell {number}]:{own_line}"

    try:
        found = check_numba(script, kernel, thread_orders=thread_orders, seed=seed)
    except InvalidInput as error:
        said = re.sub(rf"{re.escape(str(script))}(?::\d+)?", lambda match: in_the_notebook(match[0]), str(error))
        raise InvalidInput(said) from error
    for finding in found:
        findings.add(_relabelled(finding, in_the_notebook))
    for line in found.traffic:
        findings.add_traffic(replace(line, place=in_the_notebook(line.place)))
    findings.not_checked += found.not_checked
    return len(comments)


def _relabelled(finding: Finding, place_of: Any) -> Finding:
    """Return a finding with the places of the notebook."""
    changed: dict[str, Any] = {}
    for field in fields(finding):
        value = getattr(finding, field.name)
        if isinstance(value, Access):
            changed[field.name] = replace(value, place=place_of(value.place))
        elif field.name == "place" and isinstance(value, str):
            changed[field.name] = place_of(value)
    return replace(finding, **changed)
