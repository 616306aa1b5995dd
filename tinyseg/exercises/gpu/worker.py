"""The process that runs a learner's kernel: started as a script, by its path.

It reads requests from its standard input and answers on what was its standard output; what a kernel prints goes to the
standard error. A message is a JSON header with its length before it, and the numbers of arrays behind it: nothing that
is received is ever executed. It knows no right results, and imports the emulator, but nothing of tinyseg.

Requests: `prepare` (compile a kernel), then any number of `launch`.
"""

from __future__ import annotations
import __future__

import builtins
import ctypes
import json
import linecache
import math
import os
import struct
import sys
from collections.abc import Iterable, Mapping, Sequence
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import CodeType, ModuleType
from typing import IO, Protocol, TypedDict

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.generic]
Json = dict[str, object]
Value = Array | np.generic

LARGEST_HEADER = 1 << 22
LARGEST_ARRAYS = 1 << 26
"""Bytes: more than any kernel of an exercise has to say."""

GUARD = 1 << 19
"""Bytes before and behind each array, when a kernel that leaves its arrays is run for its numbers."""

FIRST, OTHER = "up", "down"
"""The order of a block's threads in which results are judged, and one that shows whether they depend on it."""

NUMBA_TYPES = (
    "float32",
    "float64",
    "int8",
    "int16",
    "int32",
    "int64",
    "uint8",
    "uint16",
    "uint32",
    "uint64",
    "boolean",
)

BUILTINS = (
    "abs", "bool", "complex", "divmod", "enumerate", "float", "int", "len", "max", "min", "pow", "print", "range",
    "round", "slice", "tuple", "zip", "True", "False", "None",
)  # fmt: skip
"""What Numba's kernels know of Python's built-in names, as far as it makes sense in an exercise."""


class ArrayHeader(TypedDict):
    """How an array's numbers are to be read."""

    name: str
    dtype: str
    shape: list[int]


# Messages ------------------------------------------------------------------------------------------------------------


class BrokenMessage(ValueError):
    """What was received is no message."""


def write_message(stream: IO[bytes], header: Mapping[str, object], arrays: Mapping[str, Array]) -> None:
    """Send a header and arrays."""
    described = [ArrayHeader(name=n, dtype=a.dtype.str, shape=list(a.shape)) for n, a in arrays.items()]
    text = json.dumps({**header, "arrays": described}).encode()
    stream.write(struct.pack("<I", len(text)) + text)
    for array in arrays.values():
        stream.write(np.ascontiguousarray(array).tobytes())
    stream.flush()


def read_message(stream: IO[bytes]) -> tuple[Json, dict[str, Array]] | None:
    """Receive a header and arrays; None at the end of the stream.

    Raises:
        BrokenMessage: Something else was sent.
    """
    start = stream.read(4)
    if not start:
        return None
    try:
        (length,) = struct.unpack("<I", start)
        if length > LARGEST_HEADER:
            raise BrokenMessage(f"expected a header of at most {LARGEST_HEADER} bytes, got {length}")
        header = json.loads(_read(stream, length))
        described = header.pop("arrays")
        arrays, total = {}, 0
        for one in described:
            dtype, shape = np.dtype(str(one["dtype"])), tuple(int(n) for n in one["shape"])
            if dtype.kind not in "fiub" or any(n < 0 for n in shape):
                raise BrokenMessage(f"expected an array of numbers, got {one}")
            size = int(np.prod(shape, dtype=object)) * dtype.itemsize
            total += size
            if total > LARGEST_ARRAYS:
                raise BrokenMessage(f"expected arrays of at most {LARGEST_ARRAYS} bytes, got {total}")
            arrays[str(one["name"])] = np.frombuffer(bytearray(_read(stream, size)), dtype).reshape(shape)
    except (struct.error, KeyError, TypeError, AttributeError, UnicodeDecodeError, json.JSONDecodeError) as error:
        raise BrokenMessage(f"expected a message, got something else ({type(error).__name__})") from error
    return header, arrays


def _read(stream: IO[bytes], size: int) -> bytes:
    data = stream.read(size)
    if len(data) < size:
        raise BrokenMessage(f"expected {size} bytes, got {len(data)}")
    return data


# Kernels -------------------------------------------------------------------------------------------------------------


class Refused(Exception):
    """A source of which no kernel can be made: `cause` is a name of the diagnosis, the text is the compiler's."""

    def __init__(self, cause: str, text: str) -> None:
        super().__init__(text)
        self.cause = cause


class Kernel(Protocol):
    """A kernel that can be launched on arrays, which it changes."""

    parameters: list[str]
    """A word for the type of each; '' where the language declares none."""

    names: list[str]
    """The names that the learner gave them."""

    def run(
        self, grid: Sequence[int], block: Sequence[int], values: Sequence[Value], shared: int, checked: bool, order: str
    ) -> Json:
        """Launch; return what was found (`findings`, `traffic`) and how it failed (`failure`), if it did."""

    def has_guards(self) -> bool:
        """Whether arrays need room around them for a launch without checks."""


class CudaKernel:
    """A kernel in CUDA C++."""

    def __init__(self, source: str, filename: str, name: str) -> None:
        from tinyseg_emulator.cuda.compiler import CHECKED
        from tinyseg_emulator.cuda.library import Library
        from tinyseg_emulator.cuda.module import CudaModule
        from tinyseg_emulator.cuda.translate import CompileError

        class OneForm(CudaModule):
            """Compiled once, with the hooks of the checks, which do nothing in a launch without checks."""

            def library(self, form: str | None = CHECKED) -> Library:
                return super().library(CHECKED)

        try:
            module = OneForm(source, filename)
        except CompileError as error:
            raise Refused("does-not-compile", str(error)) from error
        if name not in module.kernels:
            raise Refused("kernel-missing", ", ".join(module.kernels))
        self._kernel = module.kernel(name)
        _ = module.library().lines  # is read from a file, which cannot be opened any more when it is wanted
        self.parameters = [word.replace("K", "P") for word in self._kernel.signature]
        self.names = module.library().table.parameter_names(name, len(self.parameters))
        lock()  # not before: compiling starts processes, and reads and writes files

    def has_guards(self) -> bool:
        """An access beside an array must hit nothing that matters."""
        return True

    def run(
        self, grid: Sequence[int], block: Sequence[int], values: Sequence[Value], shared: int, checked: bool, order: str
    ) -> Json:
        """Launch; what the kernel printed is in the C library's hands until it is told to write it."""
        told = _launch(lambda: self._kernel.launch(_three(grid), _three(block), values, shared), checked, order)
        ctypes.CDLL(None).fflush(None)
        return told


class NumbaKernel:
    """A kernel for Numba CUDA."""

    def __init__(self, source: str, filename: str, name: str) -> None:
        # Names of shared arrays, and the lines in messages of exceptions, are read from the source.
        linecache.cache[filename] = (len(source), None, source.splitlines(keepends=True), filename)
        from tinyseg_emulator.simulator.simulate import SimulatedKernel, simulate

        lock()  # before any line of the file runs
        namespace = _run_file(compile(source, filename, "exec"))
        kernel = namespace.get(name)
        if not isinstance(kernel, SimulatedKernel):
            there = ", ".join(key for key, value in namespace.items() if isinstance(value, SimulatedKernel))
            raise Refused("kernel-missing", there)
        self._kernel, self._simulate = kernel, simulate
        code = kernel.py_func.__code__
        self.names = list(code.co_varnames[: code.co_argcount])
        self.parameters = [""] * len(self.names)

    def has_guards(self) -> bool:
        """The simulator lets no access leave its array."""
        return False

    def run(
        self, grid: Sequence[int], block: Sequence[int], values: Sequence[Value], shared: int, checked: bool, order: str
    ) -> Json:
        """Launch."""
        return _launch(lambda: self._simulate(self._kernel, grid, block, values, shared_mem=shared), checked, order)


def _run_file(code: CodeType) -> Mapping[str, object]:
    """Run a file of kernels; `numba` is a stand-in with the simulator's `cuda` and the names of types."""
    from tinyseg_emulator.simulator.simulate import cuda

    numba = ModuleType("numba")
    numba.__dict__.update({name: getattr(np, name.replace("boolean", "bool_")) for name in NUMBA_TYPES})
    numba.__dict__["cuda"] = cuda
    known: dict[str, object] = {"numba": numba, "numpy": np, "math": math, "__future__": __future__}

    def importing(name: str, *_: object, **__: object) -> object:
        if name not in known:
            raise ImportError(f"an exercise on kernels imports numpy, math and numba alone, not {name}")
        return known[name]

    names: dict[str, object] = {name: getattr(builtins, name) for name in BUILTINS if hasattr(builtins, name)}
    namespace: dict[str, object] = {"__name__": "kernels", "__builtins__": {**names, "__import__": importing}}
    try:
        exec(code, namespace)
    except Exception as error:
        raise Refused("does-not-compile", f"{type(error).__name__}: {error}") from error
    return namespace


class _Launches(Protocol):
    def __call__(self) -> None: ...


def _launch(run: _Launches, checked: bool, order: str) -> Json:
    from tinyseg_emulator.checks.kernel_error import KernelError
    from tinyseg_emulator.checks.options import emulation

    failure: Json | None = None
    with emulation(races=checked, memory_report=checked, full_barriers=checked, thread_order=order) as findings:
        try:
            run()
        except KernelError as error:
            failure = {"what": error.what, "place": error.place, "block": error.block, "thread": error.thread}
        except TypeError as error:
            failure = {"what": str(error), "place": None, "block": None, "thread": None}
    found = findings.to_json()
    return {"failure": failure, "findings": found["findings"], "traffic": found["traffic"]}


# Requests ------------------------------------------------------------------------------------------------------------


def prepare(request: Mapping[str, object]) -> tuple[Kernel | None, Json]:
    """Make a kernel of a source; from then on the process opens no file and starts no other one (on Linux)."""
    source, filename, name = (str(request[key]) for key in ("source", "filename", "kernel"))
    kind = CudaKernel if request["language"] == "cuda" else NumbaKernel
    try:
        kernel: Kernel = kind(source, filename, name)
    except Refused as error:
        return None, {"cause": error.cause, "text": str(error)}
    return kernel, {"parameters": kernel.parameters, "names": kernel.names}


def launch(kernel: Kernel, request: Mapping[str, object], given: Mapping[str, Array]) -> tuple[Json, dict[str, Array]]:
    """Run a kernel on arrays; give them back as it left them.

    `other:NAME` are the arrays after a run in another order of the threads, where a race was found; a launch that ended
    at an access beside an array is run again without checks, so that there are numbers to look at.
    """
    grid, block = (_whole(request[key]) for key in ("grid", "block"))
    names = [str(name) for name in _list(request["order"])]
    scalars = set(map(str, _list(request["scalars"])))
    shared = _whole(request["shared"])[0]

    def run(checked: bool, order: str, guard: int = 0) -> tuple[Json, dict[str, Array]]:
        values: dict[str, Value] = {}
        for name in names:
            values[name] = given[name].reshape(-1)[0] if name in scalars else _copied(given[name], guard)
        told = kernel.run(grid, block, list(values.values()), shared, checked, order)
        return told, {name: value for name, value in values.items() if isinstance(value, np.ndarray)}

    told, arrays = run(True, FIRST)
    found = told["findings"]
    kinds = {str(one["kind"]) for one in found} if isinstance(found, list) else set()
    if told["failure"] is not None and kernel.has_guards() and kinds & {"OutOfBounds", "Misaligned"}:
        again, arrays = run(False, FIRST, GUARD)
        told["numbers"] = again["failure"] is None
    else:
        told["numbers"] = told["failure"] is None
    if "Race" in kinds and told["failure"] is None:
        again, other = run(False, OTHER)
        if again["failure"] is None:
            arrays |= {f"other:{name}": array for name, array in other.items()}
    return told, arrays


def _copied(array: Array, guard: int) -> Array:
    """Return a copy, with so many bytes before and behind it (NaN as floats), and pages without access around those."""
    from tinyseg_emulator.host.guarded import guarded

    room = guarded(array.nbytes + 2 * guard) if guard else np.empty(array.nbytes, np.uint8)
    room.fill(0xFF)
    copy = room[guard : guard + array.nbytes].view(array.dtype).reshape(array.shape)
    copy[...] = array
    return copy


def _three(lengths: Sequence[int]) -> tuple[int, int, int]:
    x, y, z = (*lengths, 1, 1)[:3]
    return x, y, z


def _list(value: object) -> Iterable[object]:
    return value if isinstance(value, list) else []


def _whole(value: object) -> list[int]:
    return [int(n) for n in _list(value) if isinstance(n, int)]


def lock() -> None:
    """Refuse this process the system calls that no kernel has a use for, as that of a learner's function does."""
    import tinyseg_emulator.host.guarded  # noqa: F401 (nothing is imported later)

    path = Path(__file__).parents[1] / "sandbox" / "inside" / "syscalls.py"
    spec = spec_from_file_location("syscalls", path)
    if path.is_file() and spec is not None and spec.loader is not None:
        syscalls = module_from_spec(spec)
        spec.loader.exec_module(syscalls)
        syscalls.refuse_system_calls(False)


def limit(memory: int, seconds: int, size: int) -> list[str]:
    """Set limits on this process; return those that this machine has no way to set."""
    try:
        import resource
    except ImportError:
        return ["memory", "processor time", "size of files"]
    lacking = []
    for words, what, value in (
        ("memory", resource.RLIMIT_AS, memory),
        ("processor time", resource.RLIMIT_CPU, seconds),
        ("size of files", resource.RLIMIT_FSIZE, size),
        ("core files", resource.RLIMIT_CORE, 0),
    ):
        try:
            resource.setrlimit(what, (value, value))
        except (ValueError, OSError):
            lacking.append(words)
    return lacking


def main() -> None:
    """Answer requests until there are no more."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a kernel prints is no answer
    sys.stdout = sys.stderr
    kernel: Kernel | None = None
    while (message := read_message(sys.stdin.buffer)) is not None:
        request, arrays = message
        answer: Json = {}
        back: dict[str, Array] = {}
        if request["do"] == "start":
            answer = {"lacking": limit(*_whole(request["limits"]))}
        elif request["do"] == "prepare":
            kernel, answer = prepare(request)
        elif kernel is not None:
            answer, back = launch(kernel, request, arrays)
        sys.stderr.flush()
        write_message(answers, answer, back)


if __name__ == "__main__":
    main()
