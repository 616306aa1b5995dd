"""The worker: what it does, in order.

There are functions only, and no classes: a class can be found among those of `object`, and with a method of it the
worker could be changed, or its own descriptors be had.
"""

from __future__ import annotations

import faulthandler
import gc
import importlib
import inspect
import linecache
import os
import signal
import sys
import time
import types
import warnings
from collections.abc import Callable, Iterable, Mapping
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

Header = dict[str, Any]
Answer = tuple[Header, list[Any]]
leave = os._exit


def serve(parts: Mapping[str, Any], codes: Iterable[Any]) -> None:
    """Load, lock, run the learner's file, and answer calls until the checker is gone. Never returns."""
    try:
        receive, send, use_token, descriptors = channel(parts["wire"])
        settings, _ = receive()
        use_token(settings["token"])
        _load(settings["modules"])
        in_force = _limit(parts, settings, descriptors)
        answer = _module(parts, settings)
        load, call = worker(answer, parts, settings)
        _hide()
        parts["lock"].strip(settings["threads"])

        def refuse(kind: Any = "", detail: Any = "", *more: Any, line: int = 0) -> None:
            text = parts["lock"].text
            send({"refused": [text(kind)[:40], text(detail)[:200], line]}, [])
            leave(3)

        parts["lock"].lock(codes, settings["file"], settings["threads"], refuse)
        send({"in force": in_force}, [])
        send(load(), [])
        while True:
            header, body = receive()
            send(*call(header, body))
            gc.collect()
    finally:
        # Without the usual end of an interpreter, in which a learner's code could run once more.
        leave(4)


def channel(wire: Any) -> tuple[Callable[[], Any], Callable[[Header, list[Any]], None], Callable[[bytes], None], int]:
    """Return what receives and sends frames, and what sets the token of those that are sent.

    They use descriptors of their own; standard output is another one from here on. The last result is how many
    descriptors this process needs.
    """
    read, write = os.read, os.write
    source, target = os.dup(0), os.dup(1)
    os.dup2(2, 1)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    if sys.platform == "win32":
        import msvcrt

        msvcrt.setmode(source, os.O_BINARY)
        msvcrt.setmode(target, os.O_BINARY)
    secret = [b""]

    def exactly(size: int) -> bytes:
        parts = []
        while size:
            part = read(source, min(size, 1 << 20))
            if not part:
                leave(0)  # the end of the checker
            parts.append(part)
            size -= len(part)
        return b"".join(parts)

    def receive() -> tuple[Header, bytes]:
        head, body = wire.HEAD.unpack(exactly(wire.HEAD.size))
        return wire.read_header(exactly(head)), exactly(body)

    def send(header: Header, blocks: list[Any]) -> None:
        content = memoryview(wire.answer(header, blocks, secret[0]))
        while content:
            content = content[write(target, content) :]

    def use_token(token: bytes) -> None:
        secret[0] = token

    return receive, send, use_token, target + 1


def _load(modules: Iterable[str]) -> None:
    """Load all that can be needed, and use once what NumPy prepares at its first use."""
    warnings.simplefilter("ignore")
    np.seterr(all="ignore")
    for name in (*(f"numpy.{lazy}" for lazy in LAZY), *modules):
        try:
            importlib.import_module(name)
        except ImportError:  # a function of a module, or not in this version
            continue
    some = np.arange(4.0).reshape(2, 2) + np.eye(2)
    str(some), repr(some), np.linalg.inv(some), np.einsum("ij,jk->ik", some, some), np.fft.fft(some)
    np.random.default_rng(0).normal(size=2)


def _limit(parts: Mapping[str, Any], settings: Header, descriptors: int) -> list[str]:
    """Set limits; return those that are in force."""
    faulthandler.enable(2)
    # Neither by a key nor by `_thread.interrupt_main` is anything interrupted halfway.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # No __del__ of the learner's may run in the middle of the worker's own code; garbage is collected between calls.
    gc.disable()
    gc.freeze()
    threads, limiting = settings["threads"], parts["limiting"]
    in_force: list[str] = limiting.limit(settings["memory"], settings["seconds"], descriptors, threads)
    limiting.end_after(settings["seconds"])
    return [*in_force, *(["system calls"] if parts["syscalls"].refuse_system_calls(threads) else [])]


def _module(parts: Mapping[str, Any], settings: Header) -> types.ModuleType:
    """Return the module of the learner's file, before it has run."""
    file, name = settings["file"], settings["module"]
    linecache.cache[file] = (len(settings["source"]), None, settings["source"].splitlines(True), file)
    answer = types.ModuleType("answer" if name in sys.modules else name)
    answer.__file__ = file
    answer.__dict__["__builtins__"] = parts["lock"].builtins_for()
    sys.modules[answer.__name__] = answer
    return answer


def _hide() -> None:
    """Leave nothing of the worker where it could be found by its name."""
    sys.modules["__main__"] = types.ModuleType("__main__")
    sys.path[:], sys.argv[:], sys.orig_argv[:] = [], [], []
    sys.path_importer_cache.clear()


def worker(
    answer: types.ModuleType, parts: Mapping[str, Any], settings: Header
) -> tuple[Callable[[], Header], Callable[[Header, bytes], Answer]]:
    """Return what runs the learner's file, and what calls a function of it."""
    wire, running, replaced = parts["wire"], parts["running"], parts["patches"].replaced
    originals = parts["patches"].originals()
    file, largest, names = settings["file"], settings["largest"], answer.__dict__
    results: dict[int, Any] = {}
    given: dict[int, Any] = {}
    streams = (sys.stdout, sys.stderr)
    threads, clock = sys.modules["_thread"]._count, time.perf_counter

    def load() -> Header:
        """Run the file; return what it has, or what it raised."""
        try:
            exec(compile(settings["source"], file, "exec", dont_inherit=True), names)
            functions = [wire.plain(name) for name, value in names.items() if isinstance(value, types.FunctionType)]
            found = {name: look_at(names[name]) for name in settings["functions"] if name in names}
            loaded = {"functions": found, "names": functions[:100]}
        except BaseException as error:
            loaded = {"raised": described(error)}
        return {"loaded": loaded, **left_behind()}

    def look_at(function: Any) -> Header:
        if not callable(function):
            return {"callable": False, "type": wire.name_of(function)}
        try:
            parameters = inspect.signature(function).parameters.values()
            about = [[wire.plain(p.name), int(p.kind), p.default is not p.empty] for p in parameters]
        except (TypeError, ValueError):
            return {"callable": True, "parameters": None}
        return {"callable": True, "parameters": about}

    def call(header: Header, body: bytes) -> Answer:
        """Call a function, or look once more at what one returned."""
        for number in header["drop"]:
            results.pop(number, None)
            given.pop(number, None)
        try:
            told, blocks = again(header) if "again" in header else called(header, body)
        except BaseException as error:
            told, blocks = {"raised": described(error)}, []
        return {"call": header["call"], **told, **left_behind()}, blocks

    def called(header: Header, body: bytes) -> Answer:
        number, arrays = header["call"], wire.unpacked(header, body)
        positional = [wire.value_of(value, arrays, results, given) for value in header["positional"]]
        keywords = {k: wire.value_of(value, arrays, results, given) for k, value in header["keywords"].items()}
        watched = {name: wire.value_of(value, arrays, results, given) for name, value in header["watch"]}
        if header["cache"] is not None:
            inside = running.arrays_in(positional[header["cache"]])
            watched |= {f"cache, array {k}": array for k, array in enumerate(inside)}
        given[number] = positional
        function, before = names[header["function"]], running.copies_of(watched.values())
        told: Header = {"arrays": []}
        blocks: list[Any] = []
        with np.errstate(all="ignore"):
            try:
                running.poison(header["poisoned"])
                began = clock()
                result = results[number] = function(*positional, **keywords)
                told["seconds"] = clock() - began
                running.poison(False)
                told["result"], told["arrays"], blocks = wire.packed(result, header["keeps cache"], largest)
            except BaseException as error:
                told["raised"] = described(error)
            finally:
                running.poison(False)
        differs = running.changes(before, watched.values())
        told["changed"] = [name for name, is_other in zip(watched, differs, strict=True) if is_other]
        return told, blocks

    def again(header: Header) -> Answer:
        result, keeps = results[header["again"]], header["keeps cache"]
        form, arrays, blocks = wire.packed(result[1] if header["cache"] else result, keeps, largest)
        return {"result": form, "arrays": arrays}, blocks

    def described(error: BaseException) -> list[str]:
        try:
            return [wire.plain(text) for text in running.described(error, lambda name: name == file)]
        except BaseException as another:
            return [wire.name_of(error), wire.name_of(another), ""]

    def left_behind() -> Header:
        for stream in streams:
            try:
                stream.flush()
            except BaseException:  # closed, by what was called
                continue
        return {"replaced": replaced(originals), "threads": threads()}

    return load, call
