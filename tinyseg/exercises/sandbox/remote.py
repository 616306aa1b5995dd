"""The functions of a learner's file, in a process of its own, as the diagnosis calls them."""

from __future__ import annotations

import inspect
import re
import weakref
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from tinyseg.diagnosis.calling import Call, Elsewhere, Kept, Watched

from .process import Ended, Late, TooLarge
from .session import Session
from .values import BadAnswer, Packing, arrays_of, raised_of, result_of

CACHED = re.compile(r"cache, array [0-9]{1,6}")


class Memory:
    """What one call left in a process: what it was given and what it returned. Forgotten there when it is here."""

    def __init__(self, session: Session, number: int, given: Sequence[Any]) -> None:
        """`given` are the arguments as they are here."""
        self.process, self.number, self.given = session.process, number, tuple(given)
        weakref.finalize(self, session.drop, self.process, number)


class KeptCache(Kept):
    """A cache that stayed in the process."""

    def __init__(self, function: Remote, memory: Memory, shape: tuple[int, ...] | None) -> None:
        """`shape` is that of the array that it is, or None."""
        self.function, self.memory, self.shape = function, memory, shape

    def copied(self) -> Any:
        """Return a copy of the array that it is; None when the process is gone by now."""
        return self.function.once_more(self.memory, cache=True)


class Remote(Elsewhere):
    """A function of the learner's file."""

    def __init__(
        self, session: Session, name: str, signature: inspect.Signature | None, *, keeps_cache: bool, takes_cache: bool
    ) -> None:
        """Take it as it was found.

        Args:
            session: Where the file runs.
            name: Of the function.
            signature: If it can be had.
            keeps_cache: Whether the second of two results is a cache, which stays there.
            takes_cache: Whether the last argument is one, whose arrays are to be watched.
        """
        self.session, self.name, self.signature = session, name, signature
        self.keeps_cache, self.takes_cache = keeps_cache, takes_cache

    def call_there(
        self,
        positional: Sequence[Any],
        keywords: Mapping[str, Any],
        *,
        limit: float,
        watch: Mapping[Watched, Any],
        poisoned: bool,
    ) -> Call:
        """Call it in the process; a process that is gone by then is an exception of the function."""
        session = self.session
        if not session.ready():
            return Call(raised=session.crash)
        memories = [value.memory for value in positional if isinstance(value, KeptCache)]
        if any(memory.process is not session.process for memory in memories):
            return Call(raised=session.crash)
        number = session.number()
        packing = Packing(_known_there(memories))
        watched = {array.name: value for array, value in watch.items() if not array.in_cache}
        header = {
            "call": number,
            "function": self.name,
            "positional": [packing.value(value) for value in positional],
            "keywords": {name: packing.value(value) for name, value in keywords.items()},
            "watch": [[name, packing.value(value)] for name, value in watched.items()],
            "cache": len(positional) - 1 if self.takes_cache else None,
            "poisoned": poisoned,
            "keeps cache": self.keeps_cache,
        }
        memory = Memory(session, number, positional)
        try:
            answer, body = session.ask(header, packing, limit)
        except Late:
            return Call(timed_out=True)
        except (Ended, TooLarge):
            return Call(raised=session.crash)
        changed = _changed(answer.get("changed", []), watch)
        if "raised" in answer:
            return Call(raised=raised_of(answer["raised"]), changed=changed)
        result = self._result(answer, body, memory)
        seconds = answer.get("seconds")
        seconds = float(seconds) if isinstance(seconds, float) and seconds >= 0 else 0.0
        return Call(result, changed=changed, again=lambda: self.once_more(memory), seconds=seconds)

    def _result(self, answer: Mapping[str, Any], body: bytes, memory: Memory) -> Any:
        arrays = arrays_of(answer.get("arrays", []), body, self.session.limits.result)
        return result_of(answer.get("result"), arrays, lambda shape: KeptCache(self, memory, shape))

    def once_more(self, memory: Memory, cache: bool = False) -> Any:
        """Return what a call returned, or its cache, as it is by now; None when the process is gone."""
        session = self.session
        if session.process is None or memory.process is not session.process:
            return None
        header = {"call": session.number(), "again": memory.number, "cache": cache, "keeps cache": self.keeps_cache}
        try:
            answer, body = session.ask(header, Packing(), session.limits.call)
        except (Late, Ended, TooLarge):
            return None
        return None if "raised" in answer else self._result(answer, body, memory)


def _known_there(memories: Sequence[Memory]) -> Callable[[Any], Any]:
    """Return what says of a value where the process has it already: a cache, or an array that made the cache."""
    given = {
        id(value): ["i", m.number, k]
        for m in memories
        for k, value in enumerate(m.given)
        if isinstance(value, np.ndarray)
    }

    def form(value: Any) -> Any:
        return ["k", value.memory.number] if isinstance(value, KeptCache) else given.get(id(value))

    return form


def _changed(names: Any, watch: Mapping[Watched, Any]) -> tuple[Watched, ...]:
    """Return the arrays that were changed, in the order in which the diagnosis names them."""
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise BadAnswer("a list of changed arrays that is none")
    known = {array.name: array for array in watch}
    return tuple(
        known[n] if n in known else Watched(n, in_cache=True) for n in names if n in known or CACHED.fullmatch(n)
    )
