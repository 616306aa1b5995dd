"""A second corpus, written after the first and again from the contracts alone, to see what the diagnosis does not know.

It holds what the first one has little of: other styles and precisions of right code, loops one short, what is kept from
the first call, two mistakes at once, results of less precision. A bug is a function of its own, or a right one of which
a few characters are replaced (`planted`).
"""

from __future__ import annotations

import inspect
import linecache
import textwrap
from collections.abc import Callable
from typing import Any


def planted(function: Callable[..., Any], *changes: tuple[str, str], every: bool = False) -> Callable[..., Any]:
    """Return the function with parts of its source replaced; each part stands there once, unless `every`."""
    source = textwrap.dedent(inspect.getsource(function))
    for before, after in changes:
        found = source.count(before)
        assert found == 1 or (every and found), f"{function.__name__}: {before!r} stands there {found} times"
        source = source.replace(before, after)
    name = f"<{function.__name__}, changed #{len(linecache.cache)}>"
    linecache.cache[name] = (len(source), None, source.splitlines(keepends=True), name)
    scope = dict(function.__globals__)
    exec(compile(source, name, "exec"), scope)
    changed: Callable[..., Any] = scope[function.__name__]
    return changed
