"""Every public function of the arithmetic, called with right and wrong arguments that lie between guard pages.

    python -m tests.fuzz.kernels --calls 20000 --seed 1 --backend numba
    python -m tests.fuzz.kernels --first 4711 --calls 1 --seed 1 --backend numba      # one call again

A call is right (`kernel_calls.py`), or one thing about it is damaged: an argument's shape, dtype, type or class ids,
the upstream gradient, the cache. Arrays lie in memory in all kinds of orders. Each call is made twice: as the
specification computes it (the rung `naive`; `numpy` where loops take too long), and by the backend under test, in
memory that ends at a guard page. It passes when both refuse it by `InvalidInput`, or both give the same numbers and
leave what was given as it was. A process of its own makes the calls: one that reaches beyond an array ends it, and that
counts, too.
"""

from __future__ import annotations

import argparse
import contextlib
import copy
import json
import os
import signal
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

if not Path("/dev/nvidiactl").exists():
    os.environ.setdefault("NUMBA_ENABLE_CUDASIM", "1")

import numpy as np
from tinyseg_kernels.backend import GPU_BACKENDS, backend, on_gpu, set_backend
from tinyseg_kernels.device import is_device_array, to_device, to_host
from tinyseg_kernels.errors import InvalidInput

from . import guards
from .kernel_calls import RECIPES, Call, Draw, public_functions

ROOT = Path(__file__).resolve().parents[2]
LAYOUTS = ("fortran", "reversed", "gaps", "misaligned", "read-only")
SECONDS = 120
"""A call that takes longer counts as one that never ends. Compiling a kernel takes some seconds."""
MOST_FAILURES = 10
LOOPS = 1000
"""Products of a call that the specification's loops are asked for."""

Place = Callable[[np.ndarray], Any]


@dataclass
class Plan:
    """What is damaged in a call."""

    words: list[str] = field(default_factory=list)
    dy: Callable[[Any], Any] | None = None
    cache: Callable[[Any, list[Any]], Any] | None = None
    wrong: bool = False
    """It must be refused, whatever the specification's loops say."""
    undefined: bool = False
    """Any result will do, as long as nobody reaches beyond an array."""


# What may be wrong with an array --------------------------------------------------------------------------------------


def other_shape(d: Draw, shape: tuple[int, ...]) -> tuple[int, ...]:
    """Return a shape that differs."""
    while True:
        new = list(shape)
        kind = d.one(["length", "length", "length", "more", "fewer", "turned", "empty"])
        axis = d.whole(0, len(new) - 1) if new else 0
        if kind == "more" or not new:
            new.insert(axis, d.whole(1, 2))
        elif kind == "fewer":
            del new[axis]
        elif kind == "turned":
            new.reverse()
        else:
            new[axis] = 0 if kind == "empty" else max(0, d.one([new[axis] - 1, new[axis] + 1, 2 * new[axis], 1, 40]))
        if tuple(new) != shape:
            return tuple(new)


def other_dtype(d: Draw, array: np.ndarray) -> Any:
    """Return the same numbers in another dtype."""
    dtype = d.one(
        [
            x
            for x in ("f8", "f4", "f2", "i4", "i8", "u8", "c8", "?", ">f4", ">f8", "O", "U4")
            if np.dtype(x) != array.dtype
        ]
    )
    return array.astype(dtype)


def other_type(d: Draw, array: np.ndarray) -> Any:
    """Return something that is not a plain array."""
    kind = d.one(["list", "None", "number", "text", "masked", "tuple"])
    if kind == "list":
        return array.tolist()
    if kind == "masked":
        return np.ma.masked_array(array)
    return {"None": None, "number": 3.0, "text": "x", "tuple": (array,)}[kind]


def other_ids(d: Draw, array: np.ndarray) -> Any:
    """Return ids of which one is no class."""
    dtype = d.one(["i8", "u8", "i4"])
    limits = np.iinfo(dtype)
    changed = array.astype(dtype)
    if changed.size:
        changed.flat[d.whole(0, changed.size - 1)] = d.one([limits.max, limits.min, 1000, 50 if dtype == "u8" else -1])
    return changed


def plan(d: Draw, call: Call) -> Plan:
    """Decide what is damaged, and damage the arguments of a forward."""
    made = Plan()
    places = [
        k for k, value in enumerate(call.args) if isinstance(value, np.ndarray) or (isinstance(value, list) and value)
    ]
    share = d.rng.random()
    if share < 0.35 or not places:
        return made
    if share < 0.6 or call.backward is None or call.backward == "batch_statistics":
        k = d.one(places)
        inside = d.whole(0, len(call.args[k]) - 1) if isinstance(call.args[k], list) else None
        given = call.args[k] if inside is None else call.args[k][inside]
        kinds: list[Any] = [
            (other_dtype, "dtype"),
            (other_type, "type"),
            (lambda d, a: d.shares(*other_shape(d, a.shape)).astype(a.dtype), "shape"),
        ]
        kinds.append(kinds[-1])
        if given.dtype.kind in "iu":
            kinds += [(other_ids, "ids")] * 3
        change, word = d.one(kinds)
        new = change(d, given)
        got = f"{new.shape} {new.dtype}" if isinstance(new, np.ndarray) else type(new).__name__
        made.words.append(f"argument {k}: {word}: {given.shape} {given.dtype} -> {got}")
        if inside is None:
            call.args[k] = new
        else:
            call.args[k] = [*call.args[k][:inside], new, *call.args[k][inside + 1 :]]
        made.undefined = (
            word in ("ids", "shape") and call.name.endswith("_of_checked_ids")
        ) or call.name == "without_ignored"
        return made
    if share < 0.8 and call.backward != "weighted_sum_backward":
        kind = d.one(["shape", "shape", "dtype", "type"])
        state = d.rng.bit_generator.state
        made.wrong = True
        made.words.append(f"dy: {kind}")

        def damaged(y: Any) -> Any:
            again = Draw(np.random.default_rng())
            again.rng.bit_generator.state = state
            shape = tuple(np.shape(y))
            if kind == "shape":
                return again.rng.standard_normal(other_shape(again, shape)).astype(y.dtype)
            dy = again.rng.standard_normal(shape).astype(y.dtype)
            if kind == "dtype":
                return (
                    dy.astype("f4" if dy.dtype == "f8" else "f8")
                    if call.backward != "dice_backward"
                    else dy.astype("i4")
                )
            return [None, dy.tolist(), "dy", (dy,), np.ma.masked_array(dy)][again.whole(0, 4) if shape else 0]

        made.dy = damaged
        return made
    kind = d.one(["foreign", "None", "tuple", "inner", "shrunk", "another backend", "reshaped", "ids changed"])
    made.words.append(f"cache: {kind}")
    made.wrong = kind in ("foreign", "None", "tuple", "inner", "shrunk", "another backend")
    made.undefined = not made.wrong
    made.cache = lambda cache, args: damaged_cache(kind, call, cache, args)
    return made


def damaged_cache(kind: str, call: Call, cache: Any, args: list[Any]) -> Any:
    """Return what backward is given for its cache."""
    functions = public_functions()
    if kind in ("foreign", "another backend"):
        other = "tanh_forward" if call.name != "tanh_forward" else "relu_forward"
        array = np.ones((2, 3), np.float32)
        if kind == "foreign":
            return functions[other](to_device(array) if on_gpu() else array)[1]
        with backend("numpy"):
            return functions["tanh_forward"](array)[1]
    if kind == "shrunk":
        return shrunk(cache)
    if kind in ("reshaped", "ids changed"):
        for array in args:
            if isinstance(array, np.ndarray) and array.flags.writeable and array.size:
                if kind == "ids changed" and array.dtype.kind in "iu":
                    array.flat[0] = np.iinfo(array.dtype).max
                elif kind == "reshaped" and array.flags.c_contiguous:
                    with contextlib.suppress(AttributeError):
                        array.shape = (*array.shape[:-2], -1) if array.ndim > 1 else (1, -1)
        return cache
    return {"None": None, "tuple": (1, 2), "inner": getattr(cache, "cache", 3)}[kind]


def shrunk(cache: Any) -> Any:
    """Return a cache with smaller arrays in the place of its own; 'shrunk' itself where it has none."""
    found = False

    def small(value: Any) -> Any:
        nonlocal found
        if isinstance(value, np.ndarray) or is_device_array(value):
            found = found or bool(value.ndim and value.size)
            return value[..., :0] if value.ndim else value
        if isinstance(value, tuple):
            parts = [small(part) for part in value]
            return type(value)(*parts) if hasattr(value, "_fields") else tuple(parts)
        return value

    new = small(cache)
    return new if found else "shrunk"


# One call -------------------------------------------------------------------------------------------------------------


def arrays_in(value: Any) -> Iterator[Any]:
    """Yield all arrays in lists and tuples."""
    if isinstance(value, (list, tuple)):
        for part in value:
            yield from arrays_in(part)
    elif value is not None and not isinstance(value, (str, bool, int)):
        yield value


def placed(value: Any, place: Place) -> Any:
    """Return a copy of what is given, with all plain arrays where they should be."""
    if type(value) is np.ndarray and value.dtype.kind != "O":
        return place(value)
    if isinstance(value, (list, tuple)):
        parts = [placed(part, place) for part in value]
        return type(value)(*parts) if hasattr(value, "_fields") else type(value)(parts)
    return value


def results_of(call: Call, made: Plan, place: Place) -> list[np.ndarray]:
    """Make a call, and the backward that belongs to it; return all results on the host.

    Raises what the functions raise, and AssertionError for inputs that were changed.
    """
    functions = public_functions()
    args, options = placed(call.args, place), placed_options(call.options, place)
    before = [fingerprint(value) for k, value in enumerate(args) if k not in call.changed]
    result = functions[call.name](*args, **options)
    if call.backward is None or call.name not in functions:
        assert before == [fingerprint(value) for k, value in enumerate(args) if k not in call.changed], (
            "an input was changed"
        )
        if call.name == "clip_scales":  # numbers on a CPU, an array on a GPU
            return [np.asarray(to_host(result), np.float64)] if result is not None else []
        kept = () if call.name == "without_ignored" else call.changed  # there only a GPU changes what was given
        return [np.asarray(to_host(a)) for a in arrays_in([result, *(args[k] for k in kept)])]
    y, cache = result
    results = [np.array(to_host(y))]
    if made.cache is not None:
        cache = made.cache(cache, args)
    if call.backward == "batch_statistics":
        return results + [np.asarray(to_host(a)) for a in functions["batch_statistics"](cache)]
    if call.backward == "weighted_sum_backward":
        dy: Any = 2.0
    elif made.dy is not None:
        dy = placed(made.dy(results[0]), place)
    else:
        shape = results[0].shape
        rng = np.random.default_rng(sum(shape))
        first = next(arrays_in(call.args))
        dtype = getattr(first, "dtype", np.float32) if call.name == "dice_forward" else results[0].dtype
        dy = place(rng.standard_normal(shape).astype(dtype))
    upstream = fingerprint(dy)
    gradients = functions[call.backward](dy, cache, **call.backward_options)
    results += [np.asarray(to_host(a)) for a in arrays_in(gradients)]
    if made.cache is None:
        assert before == [fingerprint(value) for k, value in enumerate(args) if k not in call.changed], (
            "an input was changed"
        )
    assert call.backward_options.get("overwrite_dy") or upstream == fingerprint(dy), "dy was changed"
    return results


def placed_options(options: dict[str, Any], place: Place) -> dict[str, Any]:
    return {name: placed(value, place) if isinstance(value, np.ndarray) else value for name, value in options.items()}


def fingerprint(value: Any) -> Any:
    """Return what changes with an array's numbers."""
    return [
        to_host(array).tobytes()
        for array in arrays_in(value)
        if isinstance(array, np.ndarray) or is_device_array(array)
    ]


def guarded(d: Draw, layouts: bool, words: list[str]) -> Place:
    """Return what puts an array between guards, at times in another order."""

    def place(array: np.ndarray) -> Any:
        layout = d.one(LAYOUTS) if layouts and d.flag(0.15) else "plain"
        if on_gpu():
            there = to_device(np.ascontiguousarray(array).reshape(array.shape))
            if layout == "plain" or not array.ndim:
                return there
            words.append("gaps")
            storage = to_device(np.zeros((*array.shape[:-1], 2 * array.shape[-1]), array.dtype))
            storage[..., ::2] = there
            return storage[..., ::2]
        if layout != "plain":
            words.append(layout)
        return laid_out(array, layout)

    return place


def laid_out(array: np.ndarray, layout: str) -> np.ndarray:
    """Return a copy between guards in some order in memory."""
    spare = 1 if layout == "misaligned" else 0
    count = max(2 * array.size - 1, 0) if layout == "gaps" else array.size
    area = guards.Area(count * array.itemsize + spare)
    memory = np.asarray(area)
    numbers = memory[: count * array.itemsize].view(array.dtype)
    if layout == "fortran":
        view = numbers.reshape(array.shape[::-1]).transpose()
    elif layout == "reversed" and array.ndim:
        view = numbers.reshape(array.shape)[(slice(None, None, -1),) * array.ndim]
    elif layout == "gaps":
        strides = np.empty(array.shape, array.dtype).strides
        view = (
            np.lib.stride_tricks.as_strided(numbers, array.shape, [2 * s for s in strides])
            if array.size
            else numbers.reshape(array.shape)
        )
    else:
        view = numbers.reshape(array.shape)
    view[...] = array
    if layout == "read-only":
        assert guards.GUARDS is not None
        guards.GUARDS.protect(area.address, True)
        view.flags.writeable = False
    return view


def outcome(work: Callable[[], list[np.ndarray]]) -> tuple[str, Any]:
    """Return how a call ended, and its results or its words."""
    try:
        with np.errstate(all="ignore"):
            return "computed", work()
    except InvalidInput as error:
        return "refused", str(error)
    except AssertionError as error:
        return "impure", str(error)
    except Exception as error:
        return f"raised {type(error).__name__}", str(error)[:300]


def verdict(call: Call, made: Plan, expected: tuple[str, Any], got: tuple[str, Any], words: list[str]) -> str | None:
    """Return what is wrong with an outcome, or None."""
    if got[0] not in ("computed", "refused"):
        excused = made.undefined and got[0] in (
            "raised IndexError",
            "raised SystemError",
        )  # the second: an IndexError, lost in our allocator
        return None if excused else f"{got[0]}: {got[1]}"
    if made.undefined:
        return None
    if made.wrong:
        return "a wrong call was computed" if got[0] == "computed" else None
    if got[0] != expected[0]:
        in_place = call.changed and words and got[0] == "refused"  # the order in memory decides
        return (
            None
            if in_place
            else f"{got[0]}, the specification {expected[0]}: {expected[1] if got[0] == 'computed' else got[1]}"
        )
    if got[0] == "refused":
        return None
    if len(got[1]) != len(expected[1]):
        return f"{len(got[1])} results, the specification {len(expected[1])}"
    single = any(getattr(array, "dtype", None) == np.float32 for array in arrays_in(call.args))
    for k, (a, b) in enumerate(zip(got[1], expected[1], strict=True)):
        if a.shape != b.shape or (a.dtype != b.dtype and k > 0):
            return f"result {k}: {a.shape} {a.dtype}, the specification {b.shape} {b.dtype}"
        if a.dtype.kind != "f":
            wrong = not np.array_equal(a, b)
        else:
            limit = 1e-3 if single else 1e-9
            finite = np.abs(b[np.isfinite(b)])
            wrong = not np.allclose(a, b, rtol=0, atol=limit * max(1.0, float(finite.max(initial=0))), equal_nan=True)
        if wrong and not near_a_kink(call):
            return f"result {k} differs by {np.nanmax(np.abs(np.subtract(a, b, dtype=np.float64)), initial=0):.1e}"
    return None


def near_a_kink(call: Call) -> bool:
    """Return whether a ReLU decides by a number so small that rounding counts."""
    if not call.options.get("relu"):
        return False
    with backend("numpy"):
        z = np.abs(public_functions()[call.name](*call.args, **{**call.options, "relu": False})[0])
    return bool(z.size and z.min() < 1e-4 * max(1.0, float(z.max())))


def attempt(seed: int, number: int, name: str, layouts: bool, report: Callable[[str], None]) -> str | None:
    """Make one call; return what is wrong, or None."""
    d = Draw(np.random.default_rng([seed, number]))
    key = sorted(RECIPES)[number % len(RECIPES)]
    call = RECIPES[key](d)
    made = plan(d, call)
    shapes = ", ".join(
        f"{a.shape} {a.dtype}" if isinstance(a, np.ndarray) else type(a).__name__ for a in arrays_in(call.args)
    )
    words: list[str] = []
    text = f"{call.name}({shapes[:300]}; {call.options}) {made.words}"
    report(text)
    with backend("naive" if call.work <= LOOPS else "numpy"):
        expected = outcome(lambda: results_of(copy.deepcopy(call), made, lambda array: array.copy()))
    if guards.GUARDS is not None:
        guards.GUARDS.at_end = d.one([True, False])
    if name == "numba":
        from tinyseg_kernels.cpu.memory import non_temporal
        from tinyseg_kernels.cpu.threading import threads

        threads.set_num_threads(d.whole(1, 3))
        non_temporal.cache_size = (lambda: 1 << 10) if d.flag(0.3) else (lambda: 1 << 25)  # type: ignore[assignment]
    got = outcome(lambda: results_of(call, made, guarded(d, layouts, words)))
    wrong = verdict(call, made, expected, got, words)
    if wrong is None and guards.GUARDS is not None and guards.GUARDS.damaged:
        wrong = f"written {guards.GUARDS.damaged}"
    if guards.GUARDS is not None:
        guards.GUARDS.damaged.clear()
    return None if wrong is None else f"{text} {words}: {wrong}"


# Many calls, in a process of their own --------------------------------------------------------------------------------


def child(backend_name: str, seed: int, first: int, calls: int, layouts: bool, progress: str) -> None:
    """Make calls; print a line of JSON for each failure, and one at the end."""
    import faulthandler

    faulthandler.enable()
    emulate = backend_name in GPU_BACKENDS and not Path("/dev/nvidiactl").exists()
    set_backend(backend_name, emulate=emulate)
    for name, recipe in RECIPES.items():  # loads the rungs
        with contextlib.suppress(Exception):
            module = sys.modules[public_functions()[recipe(Draw(np.random.default_rng(0))).name].__module__]
            __import__(f"{module.__name__}.{'numba_cpu' if backend_name == 'numba' else 'numpy_cpu'}")
        del name
    if guards.CAN_PROTECT and backend_name not in GPU_BACKENDS:
        guards.watch()
    file = os.open(progress, os.O_WRONLY)
    failed = 0
    for number in range(first, first + calls):
        signal.alarm(SECONDS)

        def report(text: str, number: int = number) -> None:
            os.pwrite(file, f"{number}\n{text}"[:4000].ljust(4000).encode(errors="replace")[:4000], 0)

        wrong = attempt(seed, number, backend_name, layouts, report)
        if wrong is not None:
            failed += 1
            print(json.dumps({"call": number, "wrong": wrong}), flush=True)
            if failed >= MOST_FAILURES:
                break
    signal.alarm(0)
    print(json.dumps({"done": number + 1 - first}), flush=True)
    os._exit(0)  # the last arrays would be freed when there is no allocator any more


@dataclass
class Report:
    """How many calls were made, and what was wrong."""

    calls: int = 0
    failures: list[str] = field(default_factory=list)


def search(backend_name: str, calls: int, seed: int, first: int = 0, layouts: bool = True) -> Report:
    """Make this many calls in processes of their own; one that is ended by the system is followed by another."""
    report, end = Report(), first + calls
    with tempfile.NamedTemporaryFile(prefix="tinyseg-fuzz-") as progress:
        while first < end and len(report.failures) < MOST_FAILURES:
            command = [
                sys.executable,
                "-m",
                __name__ if __name__ != "__main__" else "tests.fuzz.kernels",
                "--child",
                progress.name,
            ]
            command += [
                "--backend",
                backend_name,
                "--seed",
                str(seed),
                "--first",
                str(first),
                "--calls",
                str(end - first),
            ]
            command += [] if layouts else ["--plain"]
            environment = {
                **os.environ,
                "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "kernels"), os.environ.get("PYTHONPATH", "")]),
            }
            process = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
            again = f"python -m tests.fuzz.kernels --backend {backend_name} --seed {seed} --calls 1 --first"
            for line in process.stdout.splitlines():
                if line.startswith("{"):
                    said = json.loads(line)
                    report.calls += said.get("done", 0)
                    if "wrong" in said:
                        report.failures.append(f"{said['wrong']}\n    {again} {said['call']}")
            if process.returncode == 0:
                break
            number, _, text = Path(progress.name).read_text(errors="replace").partition("\n")
            how = (
                signal.Signals(-process.returncode).name
                if process.returncode < 0
                else f"exit code {process.returncode}"
            )
            last = "" if process.returncode < 0 else process.stderr[-2000:]
            report.failures.append(f"{text.strip()}: ended by {how}{last}\n    {again} {number or first}")
            made = int(number or first) + 1 - first
            report.calls, first = report.calls + made, first + made
    return report


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--calls", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument(
        "--first", type=int, default=0, help="number of the first call: the same seed and number are the same call"
    )
    parser.add_argument("--backend", default="numba")
    parser.add_argument(
        "--plain", action="store_true", help="arrays in C order only: for others some kernels are compiled once more"
    )
    parser.add_argument("--child", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.child:
        child(given.backend, given.seed, given.first, given.calls, not given.plain, given.child)
        return
    report = search(given.backend, given.calls, given.seed, given.first, not given.plain)
    for kind, count in Counter(report.failures).items():
        print(f"{count} x {kind}")
    print(f"fuzz: {report.calls:,} calls, backend {given.backend}, seed {given.seed}: {len(report.failures)} failures")
    sys.exit(bool(report.failures))


if __name__ == "__main__":
    main()
