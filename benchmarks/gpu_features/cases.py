"""Reads the one-feature files of `tests/emulator/features/`, one text file for each group.

A case begins with a line `//= name | verdict | type numbers`. The verdict is nvcc's: `accepted`, `refused`, or `?` as
long as it was not asked. With numbers, the kernel `k(type *out)` is launched as `<<<1, 32>>>` and the first elements of
`out` must be these. What has no `__global__` in it is the body of that kernel (of float, where there are no
numbers); its `#include` and `#define` lines stand first.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from tinyseg_kernels.types import Array

FOLDER = Path(__file__).parents[2] / "tests" / "emulator" / "features"
NVCC_VERSION = "13.0"
"""Of the compiler whose verdicts are recorded in the files."""

TYPES = {
    "float": ("float", np.float32),
    "double": ("double", np.float64),
    "int": ("int", np.int32),
    "unsigned": ("unsigned", np.uint32),
    "longlong": ("long long", np.int64),
    "ulonglong": ("unsigned long long", np.uint64),
}
_HEADER = re.compile(r"^//= (.+?) \| (\?|accepted|refused)(?: \| (\w+) (.+))?$", re.MULTILINE)


@dataclass(frozen=True)
class Case:
    """One file with one feature; `accepted` is None as long as nvcc was not asked."""

    group: str
    name: str
    accepted: bool | None
    type: str
    numbers: tuple[str, ...]
    source: str

    def expected(self) -> Array:
        """Return what the kernel must write."""
        dtype = TYPES[self.type][1]
        numbers = [float(text) if np.issubdtype(dtype, np.floating) else int(text) for text in self.numbers]
        return np.array(numbers, dtype)

    def output(self) -> Array:
        """Return an array for the kernel to write to."""
        return np.full(64, 0, TYPES[self.type][1])


def read_cases(folder: Path = FOLDER) -> list[Case]:
    """Return all cases, in the order of the files."""
    return [case for path in sorted(folder.glob("*.cu")) for case in _of_file(path)]


def record(folder: Path, verdicts: dict[tuple[str, str], bool]) -> None:
    """Write nvcc's verdicts, by group and name, into the files."""
    for path in sorted(folder.glob("*.cu")):

        def line(match: re.Match[str], group: str = path.stem) -> str:
            verdict = verdicts.get((group, match.group(1)))
            if verdict is None:
                return match.group(0)
            numbers = f" | {match.group(3)} {match.group(4)}" if match.group(3) else ""
            return f"//= {match.group(1)} | {'accepted' if verdict else 'refused'}{numbers}"

        path.write_text(_HEADER.sub(line, path.read_text(encoding="utf-8")), encoding="utf-8")


def _of_file(path: Path) -> Iterator[Case]:
    text = path.read_text(encoding="utf-8")
    headers = list(_HEADER.finditer(text))
    for header, following in zip(headers, [*headers[1:], None], strict=True):
        body = text[header.end() + 1 : following.start() if following else len(text)]
        name, verdict, kind, numbers = header.groups()
        accepted = None if verdict == "?" else verdict == "accepted"
        yield Case(path.stem, name, accepted, kind or "float", tuple((numbers or "").split()), _file(body, kind))


def _file(body: str, kind: str | None) -> str:
    if "__global__" in body:
        return body
    lines = body.splitlines()
    head = [line for line in lines if line.startswith(("#include", "#define"))]
    rest = [f"  {line}" for line in lines if line not in head]
    type_name = TYPES[kind or "float"][0]
    return "\n".join([*head, f'extern "C" __global__ void k({type_name} *out) {{', *rest, "}", ""])
