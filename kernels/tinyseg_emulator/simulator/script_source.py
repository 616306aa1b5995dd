"""Keeps the source of what a script compiles itself, such as kernels that it writes as text and gives to `exec`."""

from __future__ import annotations

import builtins
import itertools
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from .places import remember_source

_NUMBERS = itertools.count(1)


@contextmanager
def sources_kept() -> Iterator[None]:
    """Let `compile` and `exec` of a text in a made-up file, such as `<string>`, give it a name that finds its lines."""
    real_compile, real_exec = builtins.compile, builtins.exec

    def kept_compile(source: Any, filename: Any, mode: str, *args: Any, **options: Any) -> Any:
        if isinstance(source, str) and str(filename).startswith("<"):
            filename = f"{str(filename)[:-1]} {next(_NUMBERS)}>"
            remember_source(filename, source)
        frame = sys._getframe(1)  # whose imports from __future__ count
        if "dont_inherit" not in options and len(args) < 2:
            options |= {"dont_inherit": True, "flags": options.get("flags", args[0] if args else 0) | _future(frame)}
            args = ()
        return real_compile(source, filename, mode, *args, **options)

    def kept_exec(source: Any, globals: Any = None, locals: Any = None, /, **options: Any) -> None:
        frame = sys._getframe(1)
        if isinstance(source, str):
            name = f"<string {next(_NUMBERS)}>"
            remember_source(name, source)
            source = real_compile(source, name, "exec", _future(frame), True)
        if globals is None:
            globals, locals = frame.f_globals, frame.f_locals if locals is None else locals
        real_exec(source, globals, globals if locals is None else locals, **options)

    builtins.compile, builtins.exec = kept_compile, kept_exec
    try:
        yield
    finally:
        builtins.compile, builtins.exec = real_compile, real_exec


def _future(frame: Any) -> int:
    """Return the flags of the imports from __future__ that a frame's code has."""
    import __future__

    known = [getattr(__future__, name).compiler_flag for name in __future__.all_feature_names]
    return int(sum(flag for flag in set(known) if frame.f_code.co_flags & flag))
