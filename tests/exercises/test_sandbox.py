"""A learner's functions in a process of their own: the same diagnosis as in this one, and nothing that does harm."""

from __future__ import annotations

import ast
import json
import os
import random
import subprocess
import sys
import time
from collections import namedtuple
from dataclasses import dataclass, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from tests.diagnosis.handwritten import OPERATIONS, bugs
from tests.exercises.elsewhere import both_diagnoses, handwritten_source, remote, session_of, told
from tinyseg.diagnosis.calling import Opaque, Watched, call, poisoned_memory
from tinyseg.exercises import exercise
from tinyseg.exercises.checking import check_functions, check_source
from tinyseg.exercises.sandbox import inside, memory, process, values
from tinyseg.exercises.sandbox.ends import how_it_ended, line_of, without_report
from tinyseg.exercises.sandbox.inside import limiting, syscalls, wire
from tinyseg.exercises.sandbox.limits import MIB, Limits

PER_OPERATION = int(os.environ.get("TINYSEG_HANDWRITTEN_ELSEWHERE", "1"))
"""How many handwritten bugs of each operation are diagnosed here and elsewhere; 1000 takes all."""
RANDOM = ("uninit", "unset", "empty")
"""Bugs whose numbers are another time's as well."""
RELU = """
import numpy as np
def relu_forward(x):
    {inside}
    return np.maximum(x, 0), x > 0
def relu_backward(dy, positive):
    return np.where(positive, dy, 0).astype(dy.dtype)
"""
HEAD = "import numpy as np\nfrom collections import namedtuple\n"


# The same as here ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("op", OPERATIONS)
def test_handwritten_bugs_get_the_same_diagnosis_elsewhere(op: str) -> None:
    known = [k for k, bug in enumerate(bugs(op)) if not any(word in bug.name for word in RANDOM)]
    for number in random.Random(f"{op} 1").sample(known, min(PER_OPERATION, len(known))):
        here, elsewhere = both_diagnoses(op, handwritten_source(op, number), time_limit=3.0)
        assert told(elsewhere) == told(here), bugs(op)[number].name


RELU_STYLES = {
    "right": "def forward(x): return np.maximum(x, 0), x\ndef backward(dy, x): return np.where(x > 0, dy, 0 * dy)",
    "input changed": "def forward(x):\n    x[x < 0] = 0\n    return x, x\ndef backward(dy, x): return dy * (x > 0)",
    "input changed by backward": "def forward(x): return np.maximum(x, 0), x\n"
    "def backward(dy, x):\n    x *= 0\n    dy += 0\n    return dy",
    "dy changed": "def forward(x): return np.maximum(x, 0), x > 0\ndef backward(dy, m):\n    dy *= m\n    return dy",
    "cache changed": "def forward(x): return np.maximum(x, 0), {'m': [x > 0, 1 * x]}\n"
    "def backward(dy, c):\n    c['m'][1][...] = 7\n    return dy * c['m'][0]",
    "state kept": "last = None\ndef forward(x):\n    global last\n    last = x > 0\n    return np.maximum(x, 0), None\n"
    "def backward(dy, c): return dy * last",
    "counts its calls": "n = [0]\ndef forward(x):\n    n[0] += 1\n    if n[0] > 20: raise ValueError('tired')\n"
    "    return np.maximum(x, 0), x\ndef backward(dy, x): return dy * (x > 0)",
    "one buffer for all results": "b = {}\ndef forward(x): return np.maximum(x, 0), x > 0\ndef backward(dy, m):\n"
    "    out = b.setdefault((dy.shape, dy.dtype), np.zeros_like(dy))\n    out[...] = dy * m\n    return out",
    "uninitialised memory": "def forward(x): return np.maximum(x, 0), x > 0\ndef backward(dy, m):\n"
    "    out = np.empty_like(dy)\n    out[...] = 0\n    e = np.empty(dy.shape)\n"
    "    return (out + dy * m + np.where(np.isnan(e), e, 0)).astype(dy.dtype)",
    "y and cache swapped": "def forward(x): return 1 * x, np.maximum(x, 0)\ndef backward(dy, c): return dy * (c > 0)",
    "cache is not returned": "def forward(x): return np.maximum(x, 0)\ndef backward(dy, c): return dy",
    "three results": "def forward(x): return np.maximum(x, 0), x, x\ndef backward(dy, c): return dy",
    "None": "def forward(x): return None, x\ndef backward(dy, x): return None",
    "nothing returned": "def forward(x): pass\ndef backward(dy, x): pass",
    "a generator": "def forward(x): return (v for v in x), x\ndef backward(dy, x): return dy * (x > 0)",
    "yields": "def forward(x): yield x\ndef backward(dy, x): return dy",
    "nested lists": "def forward(x): return np.maximum(x, 0).tolist(), x\n"
    "def backward(dy, x): return (dy * (x > 0)).tolist()",
    "lists of other lengths": "def forward(x): return [[1.0], [1.0, 2.0]], x\ndef backward(dy, x): return dy * (x > 0)",
    "a text": "def forward(x): return 'y', x\ndef backward(dy, x): return dy * (x > 0)",
    "a number": "def forward(x): return np.maximum(x, 0), x\ndef backward(dy, x): return 3",
    "a numpy number": "def forward(x): return np.maximum(x, 0), x\ndef backward(dy, x): return np.float32(3)",
    "complex": "def forward(x): return np.maximum(x, 0) + 0j, x\ndef backward(dy, x): return dy * (x > 0)",
    "bool": "def forward(x): return np.maximum(x, 0), x\ndef backward(dy, x): return x > 0",
    "float16": "def forward(x): return np.maximum(x, 0).astype('f2'), x\ndef backward(dy, x): return dy * (x > 0)",
    "float32": "def forward(x): return np.maximum(x, 0), x\ndef backward(dy, x): return (dy * (x > 0)).astype('f4')",
    "longdouble": "def forward(x): return np.maximum(x, np.longdouble(0)), x\ndef backward(dy, x): return dy * (x > 0)",
    "the other order of bytes": "def forward(x): return np.maximum(x, 0).astype(x.dtype.newbyteorder()), x\n"
    "def backward(dy, x): return dy * (x > 0)",
    "objects": "def forward(x): return np.maximum(x, 0).astype(object), x\ndef backward(dy, x): return dy * (x > 0)",
    "a subclass": "class A(np.ndarray): pass\ndef forward(x): return np.maximum(x, 0).view(A), x\n"
    "def backward(dy, x): return (dy * (x > 0)).view(A)",
    "masked": "def forward(x): return np.ma.masked_less(np.maximum(x, 0), 1), x\n"
    "def backward(dy, x): return dy * (x > 0)",
    "like an array": "class A:\n    def __init__(self, a): self.a = a\n"
    "    def __array__(self, dtype=None, copy=None): return self.a\n"
    "def forward(x): return A(np.maximum(x, 0)), x\ndef backward(dy, x): return A(dy * (x > 0))",
    "not contiguous": "def forward(x): return np.maximum(x, 0).T.copy().T, x\n"
    "def backward(dy, x): return (dy * (x > 0))[::1]",
    "flat memory": "def forward(x):\n    if not x.flags.c_contiguous: x = np.zeros_like(x)\n"
    "    return np.maximum(x, 0), x\n"
    "def backward(dy, x): return dy * (x > 0)",
    "strides": "def forward(x):\n    return np.maximum(x, 0) + (x.strides[0] % 7), x\n"
    "def backward(dy, x): return dy * (x > 0)",
    "broadcast": "def forward(x): return np.broadcast_to(x[:1], x.shape), x\ndef backward(dy, x): return dy * (x > 0)",
    "another shape": "def forward(x): return np.zeros((300, 300)), x\ndef backward(dy, x): return dy * (x > 0)",
    "no axes": "def forward(x): return np.array(1.0), x\ndef backward(dy, x): return np.array(2)",
    "infinities": "def forward(x): return np.where(x > 0, x, -np.inf), x\ndef backward(dy, x): return dy * np.nan",
    "a tuple": "def forward(x): return (np.maximum(x, 0), x)\ndef backward(dy, x): return (dy * (x > 0),)",
    "a list": "def forward(x): return [np.maximum(x, 0), x]\ndef backward(dy, x): return [dy * (x > 0)]",
    "a dict": "def forward(x): return np.maximum(x, 0), x\ndef backward(dy, x): return {'dx': dy}",
    "a named tuple": "R = namedtuple('R', 'y cache')\ndef forward(x): return R(np.maximum(x, 0), x)\n"
    "G = namedtuple('G', 'dx db')\ndef backward(dy, x): return G(dy, dy)",
    "raises": "def forward(x):\n    y = x.copy()\n    y = np.matmul(y,\n        np.ones((17, 3)))\n    return y, x\n"
    "def backward(dy, x): return dy",
    "raises inside of Python": "import statistics\ndef forward(x): return np.maximum(x, 0), x\n"
    "def backward(dy, x):\n    return statistics.mean([])",
    "raises its own": "class Mine(Exception):\n    def __str__(self): return 'two\\nlines\\tof it'\n"
    "def forward(x): return np.maximum(x, 0), x\ndef backward(dy, x): raise Mine",
    "exits": "def forward(x): return np.maximum(x, 0), x\ndef backward(dy, x): exit(3)",
    "interrupts": "def forward(x): raise KeyboardInterrupt\ndef backward(dy, x): return dy",
    "only forward": "def forward(x): return np.maximum(x, 0), x",
    "only backward": "def backward(dy, x): return dy * (np.asarray(x[0] if isinstance(x, tuple) else x) > 0)",
    "wrong parameters": "def forward(x, y, z): return x, x\ndef backward(dy): return dy",
    "any parameters": "def forward(*a, **k): return np.maximum(a[0], 0), a[0]\n"
    "def backward(*a): return a[0] * (a[1] > 0)",
    "callable objects": "class F:\n    def __call__(self, x): return np.maximum(x, 0), x\nforward = F()\n"
    "backward = lambda dy, x: dy * (x > 0)",
    "closures": "def forward(x): return np.maximum(x, 0), lambda dy: dy * (x > 0)\ndef backward(dy, c): return c(dy)",
}


@pytest.mark.parametrize("style", RELU_STYLES)
def test_whatever_is_returned_gets_the_same_diagnosis_elsewhere(style: str) -> None:
    here, elsewhere = both_diagnoses("relu", HEAD + RELU_STYLES[style])
    assert told(elsewhere) == told(here)


OTHER_STYLES = {
    "gradients by name": (
        "dense",
        "def forward(x, kernel, bias): return x @ kernel + bias, (x, kernel)\n"
        "def backward(dy, c): return {'dbias': dy.sum(0), 'dkernel': c[0].T @ dy, 'dx': dy @ c[1].T}",
    ),
    "gradients in another order": (
        "dense",
        "def forward(x, kernel, bias): return x @ kernel + bias, (x, kernel)\n"
        "def backward(dy, c): return c[0].T @ dy, dy @ c[1].T, dy.sum(0)",
    ),
    "kernel changed by backward": (
        "dense",
        "def forward(x, kernel, bias): return x @ kernel + bias, (x, kernel)\n"
        "def backward(dy, c):\n    dx = dy @ c[1].T\n    k = c[1]\n    k -= 1\n    return dx, c[0].T @ dy, dy.sum(0)",
    ),
    "options under other names": (
        "dropout",
        "def forward(x, p, random_seed=None):\n    m = np.random.default_rng(random_seed).random(x.shape) >= p\n"
        "    return (x * m / (1 - p)).astype(x.dtype), (m, p)\n"
        "def backward(dy, c): return (dy * c[0] / (1 - c[1])).astype(dy.dtype)",
    ),
    "without a cache": ("mean_iou", "def forward(t, p, num_classes, ignore_class=None): return 0.5"),
    "a mask of its own": (
        "dropout",
        "def forward(x, rate, seed=None, **k):\n    m = np.random.default_rng(seed).random(x.shape) >= rate\n"
        "    return x * m, m\ndef backward(dy, m): return dy * m",
    ),
}


@pytest.mark.parametrize("style", OTHER_STYLES)
def test_other_operations_get_the_same_diagnosis_elsewhere(style: str) -> None:
    op, text = OTHER_STYLES[style]
    here, elsewhere = both_diagnoses(op, HEAD + text)
    assert told(elsewhere) == told(here)


def test_a_call_that_does_not_come_back_gets_the_same_diagnosis_elsewhere() -> None:
    text = (
        "def forward(x):\n    while x.ndim == 4: pass\n    return np.maximum(x, 0), x\ndef backward(dy, x): return dy"
    )
    here, elsewhere = both_diagnoses("relu", HEAD + text, time_limit=0.3)
    assert here.cause == "time-out"
    assert told(elsewhere) == told(here)


def test_functions_of_this_process_may_be_mixed_with_those_elsewhere() -> None:
    with session_of(RELU.format(inside="pass"), "relu_forward", "relu_backward") as session:
        there = remote(session)
        outcome = check_functions(exercise("relu"), there["relu_forward"], there["relu_backward"])
        assert outcome.passed
        right = lambda x: (np.maximum(x, 0), x > 0)  # noqa: E731
        assert check_functions(exercise("relu"), right, there["relu_backward"]).passed


# Values --------------------------------------------------------------------------------------------------------------


def sent(value: Any, **elsewhere: Any) -> Any:
    """Return what arrives there."""
    packing = values.Packing(**elsewhere)
    packed = packing.value(value)
    header = {"arrays": packing.arrays, "blocks": [block.nbytes for block in packing.blocks], "value": packed}
    frame = wire.question(header, packing.blocks)
    length, size = wire.HEAD.unpack_from(frame)
    head, body = frame[wire.HEAD.size :][:length], frame[wire.HEAD.size + length :]
    assert len(body) == size
    read = wire.read_header(head)
    return wire.value_of(read["value"], wire.unpacked(read, body), {}, {})


def test_arrays_keep_numbers_types_and_memory_layout() -> None:
    base = np.arange(48.0).reshape(2, 3, 4, 2)
    for array in (
        base,
        base[..., ::2],
        base.T,
        base[:, ::-1],
        np.asfortranarray(base),
        base.astype(np.float32).transpose(2, 0, 1, 3),
        np.float64(3) * np.ones(()),
        np.zeros((0, 3)),
        np.zeros((2, 0), np.int32),
        np.array([True, False]),
        base.astype(">f8"),
        np.array([1 + 2j]),
        np.broadcast_to(np.arange(3), (2, 3)),
    ):
        got = sent(array)
        np.testing.assert_array_equal(got, array)
        assert (got.dtype, got.shape) == (array.dtype, array.shape)
        assert got.strides == array.strides or array.size < 2
        assert got.flags.writeable or not array.flags.writeable
    assert sent(base).flags.owndata


def test_arrays_that_share_memory_share_it_there() -> None:
    x = np.arange(6.0)
    a, (b, c) = sent((x, [x, x[1::2]]))
    assert a is b
    a[1] = 100
    assert c[0] == 100
    x, y = sent((x[:2], x[1:]))
    x[1] = 7
    assert y[0] == 7


Point = namedtuple("Point", "a b")


@dataclass
class Cache:
    x: Any
    strides: tuple[int, int]


def test_plain_values_arrive() -> None:
    plain = (
        None,
        True,
        3,
        -(10**30),
        2.5,
        float("inf"),
        "text",
        1j,
        [1, (2,)],
        {"a": {1: "b"}},
        np.dtype("f4"),
        slice(1, 5),
    )
    assert sent(plain) == plain
    assert np.isnan(sent(float("nan")))
    assert isinstance(sent(np.float32(1.5)), np.float32)
    assert sent(Point(1, [2])) == (1, [2])
    assert sent(Point(1, 2)).b == 2
    cache = sent(Cache(np.ones(2), (1, 2)))
    assert cache.strides == (1, 2)
    assert cache.x.sum() == 2
    assert sent(SimpleNamespace(a=1)).a == 1


@pytest.mark.parametrize("value", [np.array([None]), print, object(), np.array(["a"]), {1, 2}])
def test_what_cannot_be_sent_is_said(value: Any) -> None:
    with pytest.raises(values.CannotSend, match="cannot be handed to a function of another process"):
        sent(value)


@pytest.mark.parametrize(
    ("arrays", "body"),
    [
        ([["|O", [1]]], bytes(8)),
        ([["<f8", [2]]], bytes(8)),
        ([["<f8", [1]]], bytes(16)),
        ([["<f8", [-1]]], b""),
        ([["<f8", [1 << 40, 1 << 40]]], b""),
        ([["<f8", [1.0]]], bytes(8)),
        ([["<f8", "1"]], bytes(8)),
        ([["<f8"]], bytes(8)),
        ([["<f7", [1]]], bytes(8)),
        ([["(2,)f8", [1]]], bytes(16)),
        ([["f8,O", [1]]], bytes(16)),
        ([["<f8", [0] * 40]], b""),
        ([[["<f8"], [1]]], bytes(8)),
        ("arrays", b""),
        ([["<f8", []]] * 1000, bytes(8000)),
    ],
)
def test_arrays_that_are_none_are_refused(arrays: Any, body: bytes) -> None:
    with pytest.raises(values.BadAnswer):
        values.arrays_of(arrays, body, 1 << 20)


@pytest.mark.parametrize(
    "packed",
    [
        *("text", {}, [], ["a"], ["a", 1], ["a", -1], ["a", True], ["a", "0"], ["q", 1], ["t", "tuple"]),
        *(["t", 3, []], ["t", "tuple", [["a", 5]]], ["l", "list", [None] * 65], ["m", "dict", [["k"]]]),
        *(["h", "<f8", [1 << 30]], ["h", "|O", [1]], ["k", [-1]], ["k", "x"], ["c", 1, "2"], ["o", None]),
        *(["y", "A", 9], ["t", "tuple", [["t"] * 4]]),
    ],
)
def test_results_that_are_none_are_refused(packed: Any) -> None:
    with pytest.raises(values.BadAnswer):
        values.result_of(packed, [np.ones(2)], lambda shape: Opaque("cache"))


def test_json_of_the_worker_is_json() -> None:
    value = {"a": [1, -2.5, 1e-300, True, False, None, "\ud800\n\"'"], "b": (), "c": {}, "d": float("inf")}
    assert json.loads(wire.as_json(value)) == {**value, "b": []}
    assert np.isnan(json.loads(wire.as_json(float("nan"))))


# Calls ---------------------------------------------------------------------------------------------------------------


def test_a_call_tells_what_changed_and_what_a_result_is_now() -> None:
    text = HEAD + (
        "kept = np.zeros(2)\n"
        "def forward(x, *, add=0):\n    x += add\n    kept[...] = x\n    return kept, [kept, x]\n"
        "def backward(dy, cache):\n    cache[1][...] = 5\n    kept[...] = 9\n    return dy\n"
    )
    with session_of(text, "forward", "backward") as session:
        f = remote(session)
        x, watched = np.ones(2), Watched("x")
        first = call(f["forward"], [x], {"add": 2}, limit=5, watch={watched: x})
        assert first.changed == (watched,)
        np.testing.assert_array_equal(first.result[0], [3, 3])
        assert first.result[1].shape is None
        np.testing.assert_array_equal(x, [1, 1])  # the one that is here
        done = call(
            f["backward"], [np.ones(2), first.result[1]], limit=5, watch={Watched("dy"): np.ones(2), watched: x}
        )
        assert [array.name for array in done.changed] == ["x", "cache, array 0", "cache, array 1"]
        np.testing.assert_array_equal(first.result[0], [3, 3])
        np.testing.assert_array_equal(first.result_now()[0], [9, 9])


def test_memory_is_poisoned_there() -> None:
    text = "import numpy as np\noriginal = np.empty\ndef look(): return np.empty(3), np.empty is original\n"
    with session_of(text, "look") as session:
        look = remote(session)["look"]
        with poisoned_memory():
            numbers, is_original = call(look, [], limit=5).result
            assert np.isnan(numbers).all()
            assert not is_original
            assert np.empty.__name__ == "empty"  # here only what is called here finds another one
        assert call(look, [], limit=5).result[1]


def test_what_is_not_needed_any_more_is_forgotten_there() -> None:
    text = (
        "import weakref, typing\nimport numpy as np\nalive = weakref.WeakSet()\nclass A(np.ndarray): pass\n"
        "def forward(x):\n    y = x.copy().view(A)\n    alive.add(y)\n    return y, y\n"
        "def count(): return len(alive)\n"
    ).replace("import weakref, typing\n", "import typing\nweakref = typing.sys.modules['weakref']\n")
    text = text.replace("weakref.WeakSet()", "[]").replace("alive.add(y)", "alive.append(weakref.ref(y))")
    text = text.replace("len(alive)", "sum(a() is not None for a in alive)")
    with session_of(text, "forward", "count") as session:
        f = remote(session)
        for _ in range(5):
            call(f["forward"], [np.ones(3)], limit=5)
        assert call(f["count"], [], limit=5).result <= 1


# What ends, and what is left ------------------------------------------------------------------------------------------


def test_after_a_crash_the_rest_is_judged() -> None:
    crash = "if not x.flags.c_contiguous: np.lib.stride_tricks.as_strided(x, (10**9,), (10**6,))[...] = 1"
    outcome = check_source(exercise("relu"), RELU.format(inside=crash), limits=Limits(memory=256 * MIB))
    raised = outcome.diagnosis.evidence["raised"]
    assert "the whole process is gone" in raised
    assert f"(at: {crash})" in raised
    assert "not contiguous" in outcome.diagnosis.where
    wrong = outcome.groups["forward"].of - outcome.groups["forward"].right
    assert 0 < wrong < outcome.groups["forward"].of / 2
    assert outcome.printed == ""


@pytest.mark.parametrize(
    ("inside", "said"),
    [
        ("exit()", "SystemExit"),
        ("raise KeyboardInterrupt", "KeyboardInterrupt"),
        ("return relu_forward(x)", "RecursionError"),
        ("np.ones(1 << 40)", "MemoryError"),
        ("return np.broadcast_to(x.flat[0], (1 << 20, 1 << 20)), x", "far larger than any right one"),
        ("try: pass\n    finally: exit(0)", "SystemExit: 0 (at: finally: exit(0))"),
    ],
)
def test_what_a_call_ends_with_is_named(inside: str, said: str) -> None:
    outcome = check_source(exercise("relu"), RELU.format(inside=inside))
    assert said in outcome.diagnosis.evidence["raised"]
    assert outcome.points == 0


def test_an_endless_call_in_c_is_ended() -> None:
    began = time.perf_counter()
    outcome = check_source(exercise("relu"), RELU.format(inside="3 ** (10 ** 9)"), limits=Limits(call=0.5))
    assert outcome.diagnosis.cause == "time-out"
    assert time.perf_counter() - began < 20


def test_an_endless_file_is_ended_and_said() -> None:
    outcome = check_source(exercise("relu"), "while True: pass\n", limits=Limits(call=0.3))
    assert outcome.diagnosis.cause == "time-out"
    assert "before any function of it was called" in outcome.diagnosis.message


def test_a_check_of_many_slow_calls_is_ended() -> None:
    slow = "import typing\nsleep = typing.sys.modules['time'].sleep\n"
    outcome = check_source(
        exercise("relu"), slow + RELU.format(inside="sleep(0.4)"), limits=Limits(call=2.0, check=1.0)
    )
    assert outcome.diagnosis.cause == "time-out"
    assert outcome.diagnosis.where == "all calls together"
    assert outcome.points == 0


def test_what_is_printed_is_kept_to_its_beginning() -> None:
    outcome = check_source(
        exercise("relu"), RELU.format(inside="print('line\\n' * 100_000)"), limits=Limits(printed=100)
    )
    assert outcome.passed
    assert outcome.printed.startswith("line\nline\n")
    assert outcome.printed.rstrip().endswith("bytes more")
    assert len(outcome.printed) < 200


def test_threads_that_run_on_are_named_where_they_are_allowed() -> None:
    text = "import threading\n" + RELU.format(
        inside="threading.Thread(target=threading.Event().wait, daemon=True).start()"
    )
    may = replace(exercise("relu"), imports=frozenset(["threading"]))
    outcome = check_source(may, text, limits=Limits(check=20.0))
    assert any("ran on after a call" in note for note in outcome.diagnosis.notes), outcome.diagnosis


@pytest.mark.skipif(sys.platform == "win32", reason="taskkill is asked there")
def test_the_whole_tree_of_processes_is_ended() -> None:
    sleep = "import time; time.sleep(60)"
    code = "import subprocess, sys\n" + (
        f"p = subprocess.Popen([sys.executable, '-c', {sleep!r}])\nprint(p.pid, flush=True)\np.wait()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, start_new_session=True
    ) as popen:
        assert popen.stdout is not None
        child = int(popen.stdout.readline())
        process.end_tree(popen)
        assert popen.returncode is not None
    for _ in range(100):
        try:
            os.kill(child, 0)
        except ProcessLookupError:
            break
        if _is_zombie(child):
            break
        time.sleep(0.05)
    else:
        pytest.fail("the child of the process still runs")


def _is_zombie(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return False


def test_nothing_is_left_behind() -> None:
    with session_of(RELU.format(inside="pass"), "relu_forward") as session:
        remote(session)
        running = session.process
        assert running is not None
        assert Path(running.folder).is_dir()
    assert running.exit_code is not None
    assert not Path(running.folder).exists()


# Files that are no answers -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "cause", "said"),
    [
        ("", "not-a-program", "it is empty"),
        (" \n\n", "not-a-program", "it is empty"),
        ("x = 1\0", "not-a-program", "it is no text"),
        ("#" * 300_000, "not-a-program", "more than 200,000 bytes"),
        ("x = " + "-" * 100_000 + "1", "not-a-program", "Python cannot read it"),
        ("x = (" * 1000, "syntax-error", "Python cannot read relu.py, line 1"),
        ("def relu_forward(x):\nreturn x", "syntax-error", "line 2 (expected an indented block"),
        ("return 1", "syntax-error", "'return' outside function"),
        ("import numpy as np\n", "function-missing", "Functions in the file: none"),
        (
            "def relu_foward(x): pass\ndef relu_backward(dy, c): pass",
            "function-missing",
            "did you mean it by relu_foward?",
        ),
        ("relu_forward = 3\nrelu_backward = None", "function-missing", "relu_forward is there, but is no function"),
        ("1 / 0", "file-raises", "Running relu.py raises ZeroDivisionError: division by zero (at: 1 / 0)"),
        ("raise SystemExit(0)", "file-raises", "raises SystemExit: 0"),
        ("def f(): return f()\nf()", "file-raises", "RecursionError"),
    ],
)
def test_files_that_are_no_answers_are_told_why(text: str, cause: str, said: str) -> None:
    outcome = check_source(exercise("relu"), text, limits=Limits(source=200_000))
    assert outcome.diagnosis.cause == cause
    assert said in outcome.diagnosis.message
    assert outcome.points == 0
    assert not outcome.passed
    assert all(group.right == 0 < group.of for group in outcome.groups.values())


def test_a_right_function_earns_its_points_although_the_other_is_missing() -> None:
    outcome = check_source(exercise("relu"), RELU.format(inside="pass").partition("def relu_backward")[0])
    assert not outcome.passed
    assert outcome.diagnosis.cause == "function-missing"
    assert "There is no function relu_backward" in outcome.diagnosis.message
    assert outcome.points == 4
    here = check_functions(exercise("relu"), lambda x: (np.maximum(x, 0), x))
    assert (here.diagnosis.cause, here.points, here.passed) == ("function-missing", 4, False)


def test_a_path_is_read_as_python_reads_it(tmp_path: Path) -> None:
    path = tmp_path / "my relu.py"
    path.write_bytes(
        b"# -*- coding: latin-1 -*-\n# \xe9\r\n" + RELU.format(inside="pass").replace("\n", "\r\n").encode()
    )
    assert check_source(exercise("relu"), path).passed
    path.write_bytes(b"\xef\xbb\xbf" + RELU.format(inside="1 / 0").encode())
    assert "(at: 1 / 0)" in check_source(exercise("relu"), path).diagnosis.evidence["raised"]
    path.write_bytes(b"\xff\xfe\x00")
    assert "it is no text" in check_source(exercise("relu"), path).diagnosis.message
    path.write_bytes(b"# coding: rot13\n")
    assert "it is no text" in check_source(exercise("relu"), path).diagnosis.message
    assert "there is no such file" in check_source(exercise("relu"), tmp_path).diagnosis.message
    assert "there is no such file" in check_source(exercise("relu"), tmp_path / "other.py").diagnosis.message


def test_a_file_may_have_the_name_of_a_module(tmp_path: Path) -> None:
    path = tmp_path / "numpy.py"
    path.write_text(RELU.format(inside="pass"), "utf-8")
    assert check_source(exercise("relu"), path).passed


def test_what_runs_only_by_itself_may_do_anything() -> None:
    text = (
        RELU.format(inside="pass") + 'if __name__ == "__main__":\n    import matplotlib.pyplot as plt\n    open("x")\n'
    )
    assert check_source(exercise("relu"), text).passed
    assert check_source(exercise("relu"), text.replace('__name__ == "__main__"', "'__main__' == __name__")).passed
    assert "imports matplotlib" in check_source(exercise("relu"), text.replace("==", "!=")).refused
    assert "imports torch" in check_source(exercise("relu"), text + "else:\n    import torch\n").refused


def test_names_of_ones_own_are_no_rule_broken() -> None:
    text = RELU.format(inside="open = np.minimum(x, 0); compile(open)") + "def compile(eval): return eval\n"
    assert check_source(exercise("relu"), text).passed


HONEST = """
from __future__ import annotations
import bisect, collections, copy, dataclasses, enum, fractions, functools, heapq, itertools, math, operator, random
import statistics, string, typing
import numpy.testing as npt
from dataclasses import dataclass, field
from numpy import linalg
from numpy.lib.stride_tricks import as_strided, sliding_window_view
from numpy.random import default_rng
import numpy as np

class Color(enum.Enum):
    RED = 1
Size = enum.Enum("Size", "small large")
Pair = collections.namedtuple("Pair", "a b")
class Named(typing.NamedTuple):
    x: int = 1
@dataclass(order=True)
class Record:
    x: float
    parts: list[int] = field(default_factory=list)
@functools.lru_cache(maxsize=None)
def fib(n: int) -> int:
    return n if n < 2 else fib(n - 1) + fib(n - 2)
@functools.singledispatch
def show(x): return repr(x)
T = typing.TypeVar("T")
class Box(typing.Generic[T]): pass
Made = dataclasses.make_dataclass("Made", ["a", ("b", int)])

def everything():
    rng = default_rng(3)
    a = rng.normal(size=(4, 4)).astype(np.float32)
    print(a, repr(a), f"{a[0, 0]:.3f}", Record(1.0), Pair(1, 2), Named(), Color.RED, Size.small, Made(1, 2))
    np.random.seed(0); random.seed(0); random.shuffle([1, 2]); random.SystemRandom().random()
    npt.assert_allclose(linalg.inv(a) @ a, np.eye(4), atol=1e-3)
    np.einsum("ij,jk->ik", a, a, optimize=True); np.linalg.svd(a); np.fft.fft2(a); np.polyfit([1, 2, 3], [1, 2, 3], 1)
    np.vectorize(abs)([1]); np.apply_along_axis(sum, 0, a); np.lexsort((a[0], a[1])); np.ma.masked_less(a, 0)
    np.set_printoptions(precision=3); np.array2string(a); np.histogram(a); np.percentile(a, 50); np.unique(a)
    np.array([1.0]) / 0; np.log(np.zeros(1)); np.float64(1) / np.float64(0)
    with np.errstate(all="raise"): pass
    with np.printoptions(precision=2): print(a)
    as_strided(a, (2, 2), a.strides); sliding_window_view(a, (2, 2))
    copy.deepcopy({"a": a, "b": Record(2.0)}); statistics.mean([1, 2]); fractions.Fraction(1, 3); fib(30); show(3)
    sorted([3, 1], key=functools.cmp_to_key(lambda p, q: p - q)); heapq.heapify([2, 1]); bisect.bisect([1], 1)
    str(2 ** 10000)[:3]; int("9" * 4000); vars(Record(1.0)); locals(); hash(Pair(1, 2)); id(a); dir(a)
    match [1, {"a": 2}]:
        case [x, {"a": y}]: pass
    try: raise ValueError("x") from KeyError("y")
    except ValueError as e: e.add_note("n"); print(e)
    sum(np.nditer(a)); list(np.ndindex(2, 2)); a.sum(); a.mean(); a.std(); a.argmax(); np.isclose(a, a).all()
    string.Template("$a").substitute(a=1); np.testing.assert_array_equal(a, a); np.pad(a, 1); np.block([[a, a]])

everything()
"""


def test_honest_programs_are_not_refused() -> None:
    outcome = check_source(exercise("relu"), HONEST + RELU.format(inside="everything()").lstrip())
    assert not outcome.refused
    assert outcome.passed, outcome.diagnosis


# Other systems -------------------------------------------------------------------------------------------------------


def test_limits_that_a_system_has_not_are_not_claimed() -> None:
    assert limiting.limit(MIB, 1.0, 5, resource=None) == []

    class Resource:
        RLIM_INFINITY, RLIMIT_CPU, RLIMIT_AS, RLIMIT_NOFILE = -1, 0, 9, 7

        def __init__(self) -> None:
            self.set: dict[int, tuple[int, int]] = {}

        def getrlimit(self, which: int) -> tuple[int, int]:
            return (-1, 10 if which == 7 else -1)

        def setrlimit(self, which: int, pair: tuple[int, int]) -> None:
            if which == 9 and pair[0] > 1 << 40:
                raise ValueError
            self.set[which] = pair

    mac, linux, refusing = Resource(), Resource(), Resource()
    assert limiting.limit(MIB, 1.0, 99, resource=mac, platform="darwin") == ["processor", "open files"]
    assert 9 not in mac.set
    assert mac.set[7] == (10, 10)  # never above what it may have
    assert "memory" in limiting.limit(MIB, 1.0, 5, resource=linux, platform="linux")
    assert "memory" not in limiting.limit(1 << 50, 1.0, 5, resource=refusing, platform="linux")


def test_system_calls_are_filtered_on_linux_alone() -> None:
    assert not syscalls.refuse_system_calls(False, system="darwin")
    assert not syscalls.refuse_system_calls(False, system="win32", machine="AMD64")
    assert not syscalls.refuse_system_calls(False, system="linux", machine="riscv64")
    for machine in syscalls.ARCHITECTURES:
        for threads in (False, True):
            assert len(syscalls.program(machine, threads, 1)) // 8 < 4096


@pytest.mark.skipif(sys.platform != "linux" or os.uname().machine != "x86_64", reason="these are its numbers")
@pytest.mark.parametrize("threads", [False, True])
def test_the_kernel_refuses_what_python_would(threads: bool) -> None:
    """Python's lock aside: files, programs, processes, sockets, signals to others, the calls of the other ABI."""
    code = f"""
import ctypes, os, socket, sys, threading, time
sys.stdout.reconfigure(line_buffering=True)  # abort() writes nothing out
sys.path.insert(0, {str(Path(syscalls.__file__).parent)!r})
import syscalls
print(syscalls.refuse_system_calls({threads}))
libc = ctypes.CDLL(None, use_errno=True)
def tried(*call):
    return libc.syscall(*call) < 0 and ctypes.get_errno()
for attempt in (lambda: open("/etc/passwd"), os.fork, lambda: os.execv("/bin/true", ["x"]), socket.socket,
                lambda: os.kill(os.getppid(), 0), lambda: os.unlink("/tmp/x"), lambda: os.mkdir("/tmp/x/y"),
                lambda: time.clock_settime(2, 0)):
    try:
        attempt(), print("done")
    except PermissionError:
        print("refused")
print(tried(234, os.getppid(), os.getppid(), 0), tried(0x40000002, b"/etc/passwd", 0), tried(435, 0, 0))
print(tried(234, os.getpid(), os.getpid(), 0))
thread = threading.Thread(target=print, args=("thread",))
try:
    thread.start(), thread.join()
except RuntimeError:
    print("no thread")
os.abort()
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stdout.split("\n")[:-1] == [
        "True",
        *["refused"] * 8,
        "1 1 38",
        "False",
        "thread" if threads else "no thread",
    ], done.stderr
    assert done.returncode == -6


def test_without_a_limit_of_its_own_memory_is_watched(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    read = [100, 100, 250]
    watch = memory.MemoryWatch(1, 100, lambda pid: read.pop(0))
    assert [watch.exceeded(), watch.exceeded()] == [False, True]
    assert not memory.MemoryWatch(1, 100, lambda pid: 1 // 0).exceeded()
    monkeypatch.setitem(sys.modules, "psutil", None)
    assert memory.reader(tmp_path / "absent") is None
    monkeypatch.setitem(
        sys.modules,
        "psutil",
        SimpleNamespace(Process=lambda pid: SimpleNamespace(memory_info=lambda: SimpleNamespace(rss=pid))),
    )
    by_psutil = memory.reader(tmp_path / "absent")
    assert by_psutil is not None
    assert by_psutil(17) == 17


def _without_limits(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Let the worker find a system with neither limits nor a filter."""
    folder = tmp_path / "inside"
    folder.mkdir()
    for path in Path(inside.__file__).parent.glob("*.py"):
        text = path.read_text("utf-8").replace("    import resource\n", "    raise ImportError\n")
        text = text.replace('if system != "linux" or', "if True or")
        (folder / path.name).write_text(text, "utf-8")
    monkeypatch.setattr(process, "WORKER", folder / "worker.py")


def test_a_system_without_limits_watches_and_says_what_it_lacks(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    _without_limits(monkeypatch, tmp_path)
    outcome = check_source(exercise("relu"), RELU.format(inside="pass"))
    assert outcome.passed
    assert [words.partition(" are")[0].partition(" is")[0] for words in outcome.limits] == ["system calls"]
    text = RELU.format(inside="a = []\n    while x.ndim == 4: a.append(b'x' * (1 << 24))")
    outcome = check_source(exercise("relu"), text, limits=Limits(memory=200 * MIB, call=20.0))
    assert not outcome.passed
    assert "MemoryError: it took more memory than it may" in outcome.diagnosis.evidence["raised"]
    assert "opens a file" in check_source(exercise("relu"), RELU.format(inside="np.save('x', x)")).refused
    monkeypatch.setattr("tinyseg.exercises.sandbox.session.reader", lambda: None)
    outcome = check_source(exercise("relu"), RELU.format(inside="pass"))
    assert any("memory is not limited" in words for words in outcome.limits)


def test_on_windows_the_tree_is_ended_by_taskkill(monkeypatch: pytest.MonkeyPatch) -> None:
    commands = []
    monkeypatch.setattr(process.subprocess, "run", lambda command, **options: commands.append(command))
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"]) as popen:
        process.end_tree(popen, windows=True)
        assert popen.returncode is not None
    assert commands == [["taskkill", "/F", "/T", "/PID", str(popen.pid)]]

    def absent(command: Any, **options: Any) -> None:
        raise FileNotFoundError

    monkeypatch.setattr(process.subprocess, "run", absent)
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"]) as popen:
        process.end_tree(popen, windows=True)
    assert popen.returncode is not None
    assert process.apart(windows=True) == {"creationflags": 0x08000200}
    assert process.apart(windows=False) == {"start_new_session": True}
    monkeypatch.setenv("SYSTEMROOT", "C:\\Windows")
    monkeypatch.setenv("PYTHONPATH", "x")
    environment = process.environment_for("folder", windows=True)
    assert environment["SYSTEMROOT"] == "C:\\Windows"
    assert "PYTHONPATH" not in environment
    assert "SYSTEMROOT" not in process.environment_for("folder", windows=False)


def test_ends_are_put_into_words() -> None:
    assert "memory fault" in how_it_ended(-11)
    assert "memory fault" in how_it_ended(0xC0000005)
    assert "memory fault" in how_it_ended(0xC0000005 - (1 << 32))
    assert "exit code 3" in how_it_ended(3)
    report = "x\nFatal Python error: Segmentation fault\n\nCurrent thread 0x1 (most recent call first):\n"
    report += '  File "a.py", line 2 in f\n'
    assert line_of(report, "a.py", "one\n two\n") == "two"
    assert line_of(report, "b.py", "one\n two\n") == ""
    assert without_report(report) == "x\n"
    assert without_report("Fatal Python error: mine") == "Fatal Python error: mine"


# A worker that is none -----------------------------------------------------------------------------------------------

FAKE = """
import marshal, os, struct, sys
def read(n):
    data = b""
    while len(data) < n:
        data += os.read(0, n - len(data))
    return data
head, body = struct.unpack(">IQ", read(12))
token = marshal.loads(read(head))["token"]
def send(text, body=b"", token=token):
    text = text.encode()
    os.write(1, struct.pack(">IQ", len(text), len(body)) + token + text + body)
READY = '{"in force": ["memory", "system calls"]}'
LOADED = '{"loaded": {"functions": {"relu_forward": {"callable": true, "parameters": null}}, "names": []}}'
"""


@pytest.mark.parametrize(
    ("does", "said"),
    [
        ("os.write(1, b'relu: right')", "half a frame"),
        ("os.write(1, b'x' * 1000)", "a frame that is too long"),
        ("send(READY, token=bytes(32))", "a frame that the worker did not write"),
        ("send('{]')", "a header that cannot be read"),
        ("send('[' * 100000)", "a header that cannot be read"),
        ("send('3')", "a header that is none"),
        ("send('{\"refused\": 3}')", "a refusal that is none"),
        ("send('{}')", "limits that are none"),
        ("send(READY); send('{}')", "a file that was not run"),
        ('send(READY); send(\'{"loaded": {"functions": 3}}\')', "a file that was not run"),
        ("send(READY); send(LOADED); read(12); send('{\"call\": 5}')", "an answer to another call"),
        ('send(READY); send(LOADED); read(12); send(\'{"call": 1, "result": "10"}\')', "another form than agreed"),
        ('send(READY); send(LOADED); read(12); send(\'{"call": 1, "raised": 3}\')', "an exception that is none"),
        ("send(READY); send(LOADED); read(12); send('{\"call\": 1}', bytes(8))", "bytes that belong to no array"),
    ],
)
def test_what_is_no_answer_is_refused(does: str, said: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "worker.py").write_text(f"{FAKE}{does}\nimport time\ntime.sleep(0.5)\n", "utf-8")
    monkeypatch.setattr(process, "WORKER", tmp_path / "worker.py")
    outcome = check_source(exercise("relu"), RELU.format(inside="pass"), limits=Limits(start=10.0, call=2.0))
    assert "sent what is no answer" in outcome.refused
    assert said in outcome.refused
    assert outcome.points == 0


def test_what_runs_there_imports_nothing_of_the_library() -> None:
    for path in Path(inside.__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or "."] if isinstance(node, ast.ImportFrom) else []
            for name in names:
                assert name.partition(".")[0] in sys.stdlib_module_names | {"numpy"}, f"{path.name}: {name}"


def test_progress_is_told() -> None:
    told: list[str] = []
    check_source(exercise("relu"), RELU.format(inside="pass"), show_progress=told.append)
    assert told[0] == "starts"
    assert told[1] == "call 1: relu_forward"
