"""Every barrier, fence and atomic of GPU code, and the same code without one of them.

A barrier or fence is left out; an atomic becomes the plain operation on the same number.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[2]
LIBRARY = ROOT / "kernels" / "tinyseg_kernels"
EXERCISES = ROOT / "tinyseg" / "exercises" / "catalogue"
PROGRAMS = ROOT / "tests" / "emulator" / "programs"

_CALL = re.compile(
    r"(?P<barrier>\b__syncthreads\(\)|\b__syncwarp\(|\b__threadfence(?:_block|_system)?\(\)|\b\w+\.sync\(\))|"
    r"(?P<atomic>\batomic[A-Z][A-Za-z]+\()"
)
_NUMBA_BARRIER = re.compile(r"\bcuda\.(?:syncthreads|syncwarp|threadfence\w*)\([^()]*\)")
_NUMBA_ATOMIC = re.compile(
    r"^(?P<indent>[ \t]*)cuda\.atomic\.(?P<name>add|sub|max|min)\((?P<rest>.*)\)[ \t]*(?:#.*)?$", re.M
)
_COMMENT = re.compile(r"//[^\n]*|/\*.*?\*/", re.S)
_PLAIN = {
    "atomicAdd": "(*({0}) += ({1}))", "atomicSub": "(*({0}) -= ({1}))", "atomicExch": "(*({0}) = ({1}))",
    "atomicMax": "(*({0}) = max(*({0}), {1}))", "atomicMin": "(*({0}) = min(*({0}), {1}))",
    "atomicInc": "((*({0}) = *({0}) >= ({1}) ? 0 : *({0}) + 1) + 0)", "atomicOr": "(*({0}) |= ({1}))",
    "atomicAnd": "(*({0}) &= ({1}))",
}  # fmt: skip
_NUMBA_PLAIN = {
    "add": "{0}[{1}] += {2}", "sub": "{0}[{1}] -= {2}", "max": "{0}[{1}] = max({0}[{1}], {2})",
    "min": "{0}[{1}] = min({0}[{1}], {2})",
}  # fmt: skip


class Site(NamedTuple):
    """A barrier, fence or atomic.

    Args:
        file: Its file, from the root of the sources.
        line: Its line.
        what: The call, such as '__syncthreads()'.
        begin: Where what is replaced begins in the text.
        end: Where it ends.
        plain: What stands there without it.
    """

    file: str
    line: int
    what: str
    begin: int
    end: int
    plain: str

    @property
    def name(self) -> str:
        """File and line: how tables and the list of redundant ones name it."""
        return f"{self.file}:{self.line}"

    def removed(self, source: str) -> str:
        """Return a file's text without it."""
        return source[: self.begin] + self.plain + source[self.end :]


def sites_of(path: Path) -> list[Site]:
    """Return those of a file."""
    source = path.read_text("utf-8")
    file = path.relative_to(ROOT).as_posix()
    found = list(_of_numba(source) if path.suffix == ".py" else _of_cuda(source))
    if path.suffix == ".py":  # an exercise may hold CUDA C++ in a string
        found += _of_cuda(source)
    return [Site(file, source.count("\n", 0, begin) + 1, what, begin, end, plain) for what, begin, end, plain in found]


Found = tuple[str, int, int, str]


def _of_cuda(source: str) -> Iterator[Found]:
    code = _COMMENT.sub(lambda match: re.sub(r"[^\n]", " ", match[0]), source)
    for match in _CALL.finditer(code):
        if match["barrier"]:
            end = _closing(code, match.start() + match[0].index("("))
            yield source[match.start() : end], match.start(), end, ""
            continue
        name = match["atomic"][:-1]
        end = _closing(code, match.end() - 1)
        arguments = list(_arguments(source[match.end() : end - 1]))
        if name in _PLAIN and len(arguments) == 2:
            yield source[match.start() : end], match.start(), end, _PLAIN[name].format(*arguments)


def _of_numba(source: str) -> Iterator[Found]:
    for match in _NUMBA_BARRIER.finditer(source):
        line = source[source.rfind("\n", 0, match.start()) + 1 : match.start()]
        if not line.strip():
            yield match[0], match.start(), match.end(), "pass"
    for match in _NUMBA_ATOMIC.finditer(source):
        arguments = list(_arguments(match["rest"]))
        begin = match.start() + len(match["indent"])
        if len(arguments) == 3:
            yield f"cuda.atomic.{match['name']}", begin, match.end(), _NUMBA_PLAIN[match["name"]].format(*arguments)


def _closing(text: str, opening: int) -> int:
    """Return where what a `(` opens ends."""
    depth = 0
    for k in range(opening, len(text)):
        depth += {"(": 1, ")": -1}.get(text[k], 0)
        if not depth:
            return k + 1
    return len(text)


def _arguments(text: str) -> Iterator[str]:
    """Yield the arguments of a call."""
    depth = begin = 0
    for k, character in enumerate(text):
        depth += {"(": 1, "[": 1, "{": 1, ")": -1, "]": -1, "}": -1}.get(character, 0)
        if character == "," and not depth:
            yield text[begin:k].strip()
            begin = k + 1
    yield text[begin:].strip()


def library_sites() -> list[Site]:
    """Return those of the kernels of this library."""
    files = [*LIBRARY.rglob("*.cu"), *LIBRARY.rglob("*.cuh"), *LIBRARY.rglob("*numba*.py")]
    return [site for path in sorted(files) for site in sites_of(path)]


def exercise_sites() -> list[Site]:
    """Return those of the solutions of the exercises on GPU kernels."""
    return [site for path in sorted(EXERCISES.glob("gpu_*/solution.py")) for site in sites_of(path)]


def program_sites() -> list[Site]:
    """Return those of the whole programs of the emulator's tests."""
    return [site for path in sorted(PROGRAMS.glob("*.cu")) for site in sites_of(path)]


def users_of(file: str) -> set[str]:
    """Return the files of the library that use one, itself among them: by `#include` or `import`, in several steps."""
    texts = {
        path.relative_to(ROOT).as_posix(): path.read_text("utf-8")
        for pattern in ("*.cu", "*.cuh", "*.py")
        for path in LIBRARY.rglob(pattern)
    }
    found, waiting = {file}, [file]
    while waiting:
        name = waiting.pop()
        stem = Path(name).name if not name.endswith(".py") else Path(name).stem
        wanted = rf'#include "[^"]*{re.escape(stem)}"' if "." in stem else rf"import[^\n]*\b{stem}\b|\b{stem} import"
        for user, text in texts.items():
            if user not in found and Path(user).suffix in _KIN[Path(name).suffix] and re.search(wanted, text):
                found.add(user)
                waiting.append(user)
    return found


_KIN: dict[str, Sequence[str]] = {".cu": (), ".cuh": (".cu", ".cuh"), ".py": (".py",)}
