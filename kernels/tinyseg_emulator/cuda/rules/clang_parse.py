"""A CUDA file as clang's tree, read for the device.

libclang is the library of clang's parser (Apache 2.0 with LLVM's exception); its wheel has neither clang's own headers
nor a C++ library, so those of the compiler of this machine are used.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Collection, Mapping, Sequence
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from ..compiler import compiler, find_compiler

HERE = Path(__file__).parent
EMULATOR_HEADERS = HERE.parent / "include"
_INCLUDED = re.compile(r'^[ \t]*#[ \t]*include[ \t]*[<"]([^>"]+)[>"]', re.MULTILINE)


def why_not() -> str:
    """Return why files cannot be read here, '' when they can."""
    if find_spec("clang") is None or find_spec("clang.cindex") is None:
        return "the package libclang is not installed (pip install 'tinyseg[emulator]')"
    if find_compiler() is None:
        return "there is no C++ compiler, whose headers are needed"
    try:
        _index()
    except Exception as error:  # the library raises several kinds, by platform
        return f"libclang cannot be loaded: {error}"
    return ""


@cache
def _index() -> Any:
    from clang.cindex import Index

    return Index.create()


@cache
def system_folders() -> tuple[str, ...]:
    """Return where this machine's C++ compiler looks for the headers of the C and C++ libraries."""
    run = subprocess.run(
        [*compiler(), "-E", "-v", "-x", "c++", "-"], input="", capture_output=True, text=True, check=False
    )
    listed = run.stderr.partition("#include <...> search starts here:")[2].partition("End of search list")[0]
    return tuple(line.strip() for line in listed.splitlines() if line.strip())


def parse(
    source: str, filename: str, include: Sequence[Path], defines: Mapping[str, str | int], standard: str = "c++17"
) -> Any:
    """Return clang's translation unit of a file (`clang.cindex.TranslationUnit`), with all its complaints.

    Args:
        source: The text.
        filename: Its name; it need not exist.
        include: Folders of headers, beside those of the emulator.
        defines: Macros.
        standard: The version of C++.
    """
    arguments = [
        "-x",
        "cuda",
        "--cuda-device-only",
        "--cuda-gpu-arch=sm_90",
        "-nocudainc",
        "-nocudalib",
        f"-std={standard}",
        "-nostdinc",
        "-nostdinc++",
        "-ferror-limit=0",
        "-w",
        "-fexceptions",
        "-fcxx-exceptions",
        "-Xclang",
        "-fno-cuda-host-device-constexpr",
        "-include",
        str(HERE / "include" / "rules_prelude.h"),
        *(f"-I{folder}" for folder in include),
        f"-I{EMULATOR_HEADERS}",
        *(f"-isystem{folder}" for folder in system_folders()),
        *(f"-D{name}={value}" for name, value in sorted(defines.items())),
    ]
    ours = {path.relative_to(EMULATOR_HEADERS).as_posix() for path in EMULATOR_HEADERS.rglob("*") if path.is_file()}
    wanted = [name for name in dict.fromkeys(_all_included(source, include)) if name in ours]
    ours_first = "".join(f'#include "{name}"\n' for name in wanted)
    # What they include of the machine's headers must come before, as functions of the host.
    texts = [(EMULATOR_HEADERS / name).read_text(encoding="utf-8") for name in ("cuda_emulator.h", *wanted)]
    theirs = dict.fromkeys(
        name for text in texts for name in _all_included(text, (EMULATOR_HEADERS,)) if name not in ours
    )
    unsaved = [
        (filename, source),
        (str(HERE / "include" / "rules_headers.h"), ours_first),
        (str(HERE / "include" / "rules_system.h"), "".join(f"#include <{name}>\n" for name in theirs)),
    ]
    _unsaved.clear()
    _unsaved[filename] = source.encode()
    return _index().parse(filename, args=arguments, unsaved_files=unsaved)


_unsaved: dict[str, bytes] = {}


def text_of(cursor: Any) -> str:
    """Return a node's text in its file. (Its tokens are none where it begins with one of CUDA's words, a macro.)."""
    start, end = cursor.extent.start, cursor.extent.end
    if start.file is None or end.file is None or start.file.name != end.file.name:
        return ""
    name = start.file.name
    content = _unsaved[name] if name in _unsaved else _content(name)
    return content[start.offset : end.offset].decode("utf-8", "replace")


def text_before(location: Any) -> str:
    """Return what stands before a name in its declaration: back to the last `;`, `{` or `}`."""
    if location.file is None:
        return ""
    name = location.file.name
    before = (_unsaved[name] if name in _unsaved else _content(name))[: location.offset]
    return before[max(before.rfind(mark) for mark in (b";", b"{", b"}", b">", b"\n\n")) + 1 :].decode(
        "utf-8", "replace"
    )


@cache
def _content(name: str) -> bytes:
    try:
        return Path(name).read_bytes()
    except OSError:
        return b""


def _machines(name: str, ours: Collection[str]) -> bool:
    return name not in ours and ".." not in name and not any(path.endswith(f"/{name}") for path in ours)


def _all_included(source: str, include: Sequence[Path]) -> list[str]:
    """Return what a source includes, and what the files beside it include that it includes."""
    found: list[str] = []
    waiting, seen = [source], set[Path]()
    while waiting:
        for name in _INCLUDED.findall(waiting.pop()):
            found.append(name)
            for folder in include:
                path = folder / name
                if path not in seen and path.is_file():
                    seen.add(path)
                    waiting.append(path.read_text(encoding="utf-8", errors="replace"))
                    break
    return found
