"""Which rung is in use, and that every operation has all rungs and tests of its own."""

from __future__ import annotations

import inspect
import os
import pkgutil
import subprocess
import sys
import threading
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest
import tinyseg_kernels
from tinyseg_kernels import backend as backends
from tinyseg_kernels.activation import relu_forward
from tinyseg_kernels.backend import backend, get_backend, rung, set_backend
from tinyseg_kernels.device import to_device, to_host
from tinyseg_kernels.errors import InvalidInput
from tinyseg_kernels.gpu import availability

from tests.kernels.backends import MISSING, choose

PACKAGE = Path(tinyseg_kernels.__file__).parent
OPERATIONS = sorted(
    module.name
    for module in pkgutil.iter_modules([str(PACKAGE)])
    if module.ispkg
    and ((PACKAGE / module.name / "naive.py").exists() or (PACKAGE / module.name / "numpy_cpu.py").exists())
)
RUNGS = ("naive", "numpy_cpu", "numba_cpu", "cupy_gpu", *(() if "numba-cuda" in MISSING else ("numba_gpu",)))
"""Without Numba CUDA and its simulator, its rung cannot even be imported; the summary of the run says so."""


@pytest.fixture(autouse=True)
def _no_backend_chosen(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each test starts as a new process does, and leaves nothing behind."""
    monkeypatch.setattr(backends, "_default", None)
    monkeypatch.delenv(backends.ENVIRONMENT_VARIABLE, raising=False)


PROCEDURES = {"optimizer": 4, "confusion_matrix": 1}
"""Operations without a gradient, and how many functions they have.

Each is of the same name and signature in every rung.
"""

DIFFERENTIABLE = [operation for operation in OPERATIONS if operation not in PROCEDURES]


def functions(operation: str, name: str) -> dict[str, inspect.Signature]:
    """Return the forwards and backwards of a rung, or of the operation itself when the name is empty, with their
    signatures.
    """
    module = import_module(f"tinyseg_kernels.{operation}" + (f".{name}" if name else ""))
    return {
        key: inspect.signature(value)
        for key, value in vars(module).items()
        if key.endswith(("_forward", "_backward"))
        and not key.startswith("_")
        and (value.__module__ == module.__name__ or key in getattr(module, "__all__", ()))
    }


def exists(operation: str, name: str) -> bool:
    """Whether an operation has a rung."""
    return (PACKAGE / operation / f"{name}.py").exists()


WITHOUT_RUNG: dict[str, str] = {}
"""Rungs that an operation does without, and why the next one serves."""


def test_there_are_operations() -> None:
    assert {"conv2d", "max_pool2d", "batch_norm", "softmax_cross_entropy", "arrange"} <= set(OPERATIONS)


@pytest.mark.parametrize("operation", PROCEDURES)
def test_a_procedure_has_all_rungs_with_one_signature(operation: str) -> None:
    module = import_module(f"tinyseg_kernels.{operation}")
    exported = {
        key: inspect.signature(value)
        for key, value in vars(module).items()
        if inspect.isfunction(value) and not key.startswith("_") and value.__module__ == module.__name__
    }
    assert len(exported) == PROCEDURES[operation]
    for rung_name in RUNGS:
        computing = import_module(f"tinyseg_kernels.{operation}.{rung_name}")
        for name, signature in exported.items():
            expected = [(p.name, p.kind) for p in signature.parameters.values()]
            assert [
                (p.name, p.kind) for p in inspect.signature(getattr(computing, name)).parameters.values()
            ] == expected


@pytest.mark.parametrize("operation", DIFFERENTIABLE)
def test_an_operation_has_all_rungs_with_one_signature(operation: str) -> None:
    exported = functions(operation, "")
    assert len(exported) >= 2
    assert {name.removesuffix("_forward") for name in exported if name.endswith("_forward")} == {
        name.removesuffix("_backward") for name in exported if name.endswith("_backward")
    }
    missing = {f"tinyseg_kernels.{operation}.{name}" for name in RUNGS if not exists(operation, name)}
    assert missing <= set(WITHOUT_RUNG)
    by_rung = [functions(operation, name) for name in RUNGS if exists(operation, name)]
    for rung_functions in by_rung:
        # What the operation exports, the rung has, with the same argument names in the same order.
        for name, signature in exported.items():
            if name.endswith("_forward"):
                expected, own = list(signature.parameters), list(rung_functions[name].parameters)
                if "relu" not in own:  # `relu_after` then computes it after the rung's function
                    expected = [parameter for parameter in expected if parameter != "relu"]
                assert own == expected, name
            else:
                own, expected = list(rung_functions[name].parameters.values()), list(signature.parameters.values())
                if "overwrite_dy" not in rung_functions[name].parameters:  # then the rung writes its dx elsewhere
                    expected = [parameter for parameter in expected if parameter.name != "overwrite_dy"]
                assert [p.kind for p in own] == [p.kind for p in expected], name
    assert all(by_rung[0].keys() & exported.keys() == other.keys() & exported.keys() for other in by_rung)


@pytest.mark.parametrize("operation", OPERATIONS)
def test_an_operation_has_tests(operation: str) -> None:
    assert (Path(__file__).parent / f"test_{operation}.py").exists()


@pytest.mark.parametrize("operation", OPERATIONS)
def test_a_backend_takes_its_own_rung(operation: str) -> None:
    with backend("naive"):
        assert rung(operation).__name__ == f"tinyseg_kernels.{operation}.naive"
    with backend("numpy"):
        assert rung(operation).__name__ == f"tinyseg_kernels.{operation}.numpy_cpu"
    with backend("numba"):
        assert rung(operation).__name__ == f"tinyseg_kernels.{operation}.numba_cpu"
    for name, own in (("cupy", "cupy_gpu"), ("numba-cuda", "numba_gpu")):
        if name in MISSING:  # the summary of the run says so
            continue
        with choose(name):
            taken = own if exists(operation, own) else "cupy_gpu"
            assert rung(operation).__name__ == f"tinyseg_kernels.{operation}.{taken}"


def test_a_missing_rung_is_replaced_by_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(backends.RUNGS, "faster", ("no_such_rung", "numpy_cpu", "naive"))
    with backend("faster"):
        assert rung("conv2d").__name__ == "tinyseg_kernels.conv2d.numpy_cpu"


def test_a_gpu_backend_says_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(availability, "why_unavailable", lambda name: "no GPU was found")
    for choose_it in (set_backend, lambda name: backend(name).__enter__()):
        with pytest.raises(
            InvalidInput, match=r"backend 'cupy': no GPU was found.*set_backend\('cupy', emulate=True\).*tinyseg doctor"
        ):
            choose_it("cupy")
    monkeypatch.setattr(availability, "why_not_emulated", lambda name: "no C++ compiler was found")
    with pytest.raises(InvalidInput, match="backend 'cupy': no C\\+\\+ compiler was found"):
        set_backend("cupy", emulate=True)


@pytest.mark.parametrize("name", ["numpy", "numba", "naive"])
def test_only_a_gpu_can_be_emulated(name: str) -> None:
    with pytest.raises(InvalidInput, match=f"backend '{name}': only cupy and numba-cuda can be emulated"):
        set_backend(name, emulate=True)


@pytest.mark.skipif("cupy" in MISSING, reason="the emulator has no compiler here")
def test_an_array_in_the_wrong_place_is_refused_and_nothing_moves(rng: np.random.Generator) -> None:
    x = rng.standard_normal((2, 3))
    with choose("cupy"):
        with pytest.raises(
            InvalidInput, match=r"relu: expected x on the device of backend 'cupy', got a NumPy array.*to_device"
        ):
            relu_forward(x)
        there = to_device(x)
        assert to_device(there) is there
    with backend("numpy"):
        with pytest.raises(
            InvalidInput,
            match=r"relu: expected x to be a NumPy array for backend 'numpy', got an array on a device.*to_host",
        ):
            relu_forward(there)
        with pytest.raises(InvalidInput, match="to_device: backend 'numpy' computes on the CPU"):
            to_device(x)
        np.testing.assert_array_equal(to_host(there), x)


def test_set_backend_stays() -> None:
    set_backend("naive")
    assert get_backend() == "naive"
    assert rung("dense").__name__.endswith("naive")
    set_backend("numpy")
    assert get_backend() == "numpy"


def test_auto_is_a_backend_of_this_machine() -> None:
    assert get_backend() in backends.RUNGS
    set_backend("auto")
    assert get_backend() in backends.RUNGS


@pytest.mark.parametrize(
    ("installed", "gpu", "expected"),
    [
        ({"numba", "cupy"}, True, "cupy"),
        ({"numba", "cupy"}, False, "numba"),
        ({"numba"}, False, "numba"),
        ({"cupy"}, False, "numpy"),
        (set(), False, "numpy"),
    ],
)
def test_the_fastest_backend(monkeypatch: pytest.MonkeyPatch, installed: set[str], gpu: bool, expected: str) -> None:
    monkeypatch.setattr(backends, "find_spec", lambda name: object() if name in installed else None)
    monkeypatch.setattr(availability, "driver_is_installed", lambda: gpu)
    monkeypatch.setattr(availability, "why_unavailable", lambda name: None)
    assert backends._fastest.__wrapped__() == expected


def test_with_backend_ends_with_its_block_and_nests() -> None:
    set_backend("numpy")
    with backend("naive"):
        assert get_backend() == "naive"
        with backend("numpy"):
            assert get_backend() == "numpy"
        assert get_backend() == "naive"
        set_backend("naive")  # the default changes behind the block's back
    assert get_backend() == "naive"


def test_with_backend_ends_with_an_exception() -> None:
    set_backend("numpy")
    with pytest.raises(RuntimeError, match="on purpose"), backend("naive"):
        raise RuntimeError("on purpose")
    assert get_backend() == "numpy"


def test_with_backend_holds_in_its_own_thread_alone() -> None:
    """Two threads within blocks at the same time, each with its own backend, and a third without one."""
    set_backend("numpy")
    everyone_inside = threading.Barrier(3, timeout=30)
    seen: dict[str, str] = {}

    def work(name: str, choice: str | None) -> None:
        if choice is None:
            everyone_inside.wait()
            seen[name] = get_backend()
            everyone_inside.wait()
            return
        with backend(choice):
            everyone_inside.wait()
            seen[name] = get_backend()
            everyone_inside.wait()

    threads = [
        threading.Thread(target=work, args=pair) for pair in (("one", "naive"), ("two", "numpy"), ("three", None))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert seen == {"one": "naive", "two": "numpy", "three": "numpy"}
    assert get_backend() == "numpy"


@pytest.mark.parametrize(
    ("name", "suggestion"), [("nunpy", "numpy"), ("Naive", "naive"), ("NUMPY", "numpy"), ("atuo", "auto")]
)
def test_an_unknown_backend_gets_a_suggestion_and_changes_nothing(name: str, suggestion: str) -> None:
    set_backend("naive")
    for use in (set_backend, backends.resolve_backend):
        with pytest.raises(InvalidInput, match=f"unknown backend '{name}'; did you mean '{suggestion}'?"):
            use(name)
    with pytest.raises(InvalidInput, match=rf"unknown backend '{name}'.*\(known: ") as refused, backend(name):
        pass
    assert all(known in str(refused.value).partition("known: ")[2] for known in backends.RUNGS)
    assert get_backend() == "naive"


@pytest.mark.parametrize(
    ("value", "printed"),
    [("naive", "naive"), ("numpy", "numpy"), ("", "auto"), (None, "auto"), ("nunpy", "did you mean 'numpy'")],
)
def test_the_environment_chooses_in_a_new_process(value: str | None, printed: str) -> None:
    """An unset or empty variable means 'auto'.

    A wrong one is an error when the backend is first needed, not at import.
    """
    program = (
        "from tinyseg_kernels.backend import get_backend, resolve_backend\n"
        "from tinyseg_kernels.errors import InvalidInput\n"
        "try:\n"
        "    name = get_backend()\n"
        "    print('auto' if name == resolve_backend('auto') and EXPECT_AUTO else name)\n"
        "except InvalidInput as error:\n"
        "    print(error)\n"
    ).replace("EXPECT_AUTO", str(printed == "auto"))
    environment = {key: text for key, text in os.environ.items() if key != backends.ENVIRONMENT_VARIABLE}
    environment["PYTHONPATH"] = str(PACKAGE.parent)
    if value is not None:
        environment[backends.ENVIRONMENT_VARIABLE] = value
    result = subprocess.run(
        [sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True
    )
    assert printed in result.stdout
