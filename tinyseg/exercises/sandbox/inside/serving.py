"""The worker: what it does, in order."""

from __future__ import annotations

import contextlib
import faulthandler
import gc
import importlib
import inspect
import linecache
import os
import sys
import time
import types
import warnings
from collections.abc import Mapping
from typing import Any

import numpy as np

LAZY = (
    "linalg",
    "fft",
    "random",
    "polynomial",
    "ma",
    "lib.stride_tricks",
    "typing",
    "exceptions",
    "dtypes",
    "strings",
    "char",
    "rec",
)
"""What of NumPy is loaded when it is first used."""


class Channel:
    """Frames to and from the checker, on descriptors of its own; standard output is another one from here on."""

    def __init__(self, wire: Any) -> None:
        self.wire = wire
        self.read, self.write = os.read, os.write
        self.source, self.target = os.dup(0), os.dup(1)
        os.dup2(2, 1)
        nothing = os.open(os.devnull, os.O_RDONLY)
        os.dup2(nothing, 0)
        os.close(nothing)
        if sys.platform == "win32":
            import msvcrt

            msvcrt.setmode(self.source, os.O_BINARY)
            msvcrt.setmode(self.target, os.O_BINARY)
        self.token = b""

    def receive(self) -> tuple[dict[str, Any], bytes]:
        """Return the next frame; the end of the checker is the end of the worker."""
        head, body = self.wire.HEAD.unpack(self._exactly(self.wire.HEAD.size))
        return self.wire.read_header(self._exactly(head)), self._exactly(body)

    def _exactly(self, size: int) -> bytes:
        parts = []
        while size:
            part = self.read(self.source, min(size, 1 << 20))
            if not part:
                leave(0)
            parts.append(part)
            size -= len(part)
        return b"".join(parts)

    def send(self, header: Mapping[str, Any], blocks: Any = ()) -> None:
        """Send a frame."""
        content = memoryview(self.wire.answer(header, blocks, self.token))
        while content:
            content = content[self.write(self.target, content) :]


leave = os._exit


def serve(parts: Mapping[str, Any]) -> None:
    """Load, lock, run the learner's file, and answer calls until the checker is gone."""
    channel = Channel(parts["wire"])
    settings, _ = channel.receive()
    channel.token = settings["token"]
    file = settings["file"]
    faulthandler.enable(2)
    _load(settings["modules"])
    threads, limiting = settings["threads"], parts["limiting"]
    in_force = limiting.limit(settings["memory"], settings["seconds"], channel.target + 1, threads)
    limiting.end_after(settings["seconds"])
    if parts["syscalls"].refuse_system_calls(threads):
        in_force.append("system calls")
    linecache.cache[file] = (len(settings["source"]), None, settings["source"].splitlines(True), file)
    name = settings["module"]
    answer = types.ModuleType("answer" if name in sys.modules else name)
    answer.__file__ = file
    answer.__dict__["__builtins__"] = parts["lock"].builtins_for()
    sys.modules[answer.__name__] = answer
    originals = parts["patches"].Originals()
    worker = Worker(channel, parts, settings, answer, originals)
    mine = [sys.modules["__main__"].__dict__, *(vars(part) for part in parts.values())]
    _hide()
    # No __del__ of the learner's may run in the middle of the worker's own code; garbage is collected between calls.
    gc.disable()
    gc.freeze()
    parts["lock"].strip(threads)

    def refuse(kind: str = "", detail: str = "", *more: Any, line: int = 0) -> None:
        channel.send({"refused": [str(kind)[:40], str(detail)[:200], line]})
        leave(3)

    parts["lock"].lock(mine, file, threads, refuse)
    channel.send({"in force": in_force})
    channel.send(worker.load())
    while True:
        header, body = channel.receive()
        worker.call(header, body)


def _load(modules: list[str]) -> None:
    """Load all that can be needed, and use once what NumPy prepares at its first use."""
    warnings.simplefilter("ignore")
    np.seterr(all="ignore")
    for name in LAZY:
        with contextlib.suppress(ImportError):
            importlib.import_module(f"numpy.{name}")
    for name in modules:
        with contextlib.suppress(ImportError):
            importlib.import_module(name)
    some = np.arange(4.0).reshape(2, 2) + np.eye(2)
    str(some), repr(some), np.linalg.inv(some), np.einsum("ij,jk->ik", some, some), np.fft.fft(some)
    np.random.default_rng(0).normal(size=2)


def _hide() -> None:
    """Leave nothing of the worker where it could be found by its name."""
    sys.modules["__main__"] = types.ModuleType("__main__")
    sys.path[:], sys.argv[:], sys.orig_argv[:] = [], [], []
    sys.path_importer_cache.clear()


class Worker:
    """Runs the learner's code."""

    def __init__(
        self, channel: Channel, parts: Mapping[str, Any], settings: Mapping[str, Any], answer: Any, originals: Any
    ):
        self.channel, self.answer, self.originals = channel, answer, originals
        self.wire, self.running = parts["wire"], parts["running"]
        self.file, self.source, self.largest = settings["file"], settings["source"], settings["largest"]
        self.wanted = settings["functions"]
        self.results: dict[int, Any] = {}
        self.given: dict[int, Any] = {}
        self.streams = (sys.stdout, sys.stderr)
        self.threads, self.collect = sys.modules["_thread"]._count, gc.collect
        self.clock = time.perf_counter

    def load(self) -> dict[str, Any]:
        """Run the learner's file; return what it has, or what it raised."""
        try:
            exec(compile(self.source, self.file, "exec", dont_inherit=True), self.answer.__dict__)
            self.originals.put_back()
            names = [str(name) for name, value in self.answer.__dict__.items() if isinstance(value, types.FunctionType)]
            found = {name: self._look_at(name) for name in self.wanted if name in self.answer.__dict__}
            loaded = {"functions": found, "names": names[:100]}
        except BaseException as error:
            self.originals.put_back()
            loaded = {"raised": self._described(error)}
        self._flush()
        return {"loaded": loaded, **self._left_behind()}

    def _look_at(self, name: str) -> dict[str, Any]:
        function = self.answer.__dict__[name]
        if not callable(function):
            return {"callable": False, "type": self.wire.name_of(function)}
        try:
            parameters = inspect.signature(function).parameters.values()
            return {
                "callable": True,
                "parameters": [[p.name, int(p.kind), p.default is not p.empty] for p in parameters],
            }
        except (TypeError, ValueError):
            return {"callable": True, "parameters": None}

    def call(self, header: Mapping[str, Any], body: bytes) -> None:
        """Call a function and answer."""
        for number in header["drop"]:
            self.results.pop(number, None)
            self.given.pop(number, None)
        try:
            answer, blocks = self._again(header) if "again" in header else self._called(header, body)
        except BaseException as error:
            answer, blocks = {"raised": self._described(error)}, []
        self._flush()
        self.channel.send({"call": header["call"], **answer, **self._left_behind()}, blocks)
        self.collect()

    def _called(self, header: Mapping[str, Any], body: bytes) -> tuple[dict[str, Any], list[Any]]:
        number, arrays = header["call"], self.wire.unpacked(header, body)

        def value_of(packed: Any) -> Any:
            return self.wire.value_of(packed, arrays, self.results, self.given)

        positional = [value_of(value) for value in header["positional"]]
        keywords = {name: value_of(value) for name, value in header["keywords"].items()}
        watched = {name: value_of(value) for name, value in header["watch"]}
        if header["cache"] is not None:
            inside = self.running.arrays_in(positional[header["cache"]])
            watched |= {f"cache, array {k}": array for k, array in enumerate(inside)}
        self.given[number] = positional
        function = self.answer.__dict__[header["function"]]
        before = self.running.copies_of(watched.values())
        answer: dict[str, Any] = {}
        packing = self.wire.Packing(self.largest)
        with np.errstate(all="ignore"):
            try:
                with self.running.Poisoned(header["poisoned"]):
                    began = self.clock()
                    result = self.results[number] = function(*positional, **keywords)
                    answer["seconds"] = self.clock() - began
                self.originals.put_back()
                answer["result"] = packing.returned(result, header["keeps cache"])
            except BaseException as error:
                self.originals.put_back()
                answer["raised"] = self._described(error)
                packing = self.wire.Packing(self.largest)
        differs = self.running.changes(before, watched.values())
        answer["changed"] = [name for name, is_other in zip(watched, differs, strict=True) if is_other]
        answer["arrays"] = packing.arrays
        return answer, packing.blocks

    def _again(self, header: Mapping[str, Any]) -> tuple[dict[str, Any], list[Any]]:
        """Return what an earlier call returned, or its cache, as it is now."""
        packing = self.wire.Packing(self.largest)
        result = self.results[header["again"]]
        answer = packing.leaf(result[1]) if header["cache"] else packing.returned(result, header["keeps cache"])
        return {"result": answer, "arrays": packing.arrays}, packing.blocks

    def _flush(self) -> None:
        for stream in self.streams:
            try:
                stream.flush()
            except BaseException:  # closed, by what was called
                continue

    def _described(self, error: BaseException) -> list[str]:
        try:
            kind, text, line = self.running.described(error, lambda name: name == self.file)
            return [str(kind)[:80], str(text)[:400], str(line)[:400]]
        except BaseException as another:
            return [self.wire.name_of(error), self.wire.name_of(another), ""]

    def _left_behind(self) -> dict[str, Any]:
        found: dict[str, Any] = {}
        replaced = self.originals.put_back()
        if replaced:
            found["replaced"] = replaced
        if self.threads():
            found["threads"] = self.threads()
        return found
