"""float32 against the specification.

What rounding explains passes, and nothing else; and the report says who computed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pytest
from tinyseg_kernels.activation import relu_forward
from tinyseg_kernels.backend import backend, operations
from tinyseg_kernels.dense import numba_cpu as compiled_dense
from tinyseg_kernels.dropout import dropout_forward
from tinyseg_kernels.softmax import softmax_forward

from tests.utils.processes import run_python
from tinyseg import layers, losses, metrics, optimizers
from tinyseg.check import gradients
from tinyseg.check.layer_cases import LAYER_CASES
from tinyseg.check.precision import precision
from tinyseg.check.rungs import RungsUsed
from tinyseg.check.subject import Subject
from tinyseg.check.subjects import SUBJECTS, chosen, known_names


class Doubling(Subject):
    """Gives 2 x, as the specification does, unless told otherwise in float32."""

    names = ("doubling",)
    label = "doubling"

    def __init__(self, single: Callable[[np.ndarray], Any]) -> None:
        self.single = single

    def run(self, dtype: str, seed: int) -> Mapping[str, np.ndarray]:
        x = np.linspace(-3, 2, 70, dtype=np.float32).astype(dtype)
        return {"y": 2 * x} if dtype == "float64" else self.single(2 * x)


def changed(place: int, factor: float) -> Callable[[np.ndarray], Any]:
    def change(y: np.ndarray) -> Any:
        y[place] *= np.float32(factor)
        return {"y": y}

    return change


@pytest.mark.parametrize(
    ("single", "passed"),
    [
        (lambda y: {"y": y}, True),
        (lambda y: {"y": y * np.float32(1 + 1e-6)}, True),  # what rounding may do
        (lambda y: {"y": y * np.float32(1 + 1e-4)}, False),
        (changed(0, 1.0001), False),
        (lambda y: {"y": -y}, False),
        (lambda y: {"y": y[:-1]}, False),
        (lambda y: {"y": y.astype(np.int32)}, False),
        (changed(69, np.nan), False),
        (lambda y: {}, False),
        (lambda y: {"y": y, "dx": y}, False),
    ],
)
def test_what_rounding_explains_and_what_it_does_not(single: Callable[[np.ndarray], Any], passed: bool) -> None:
    report = precision(Doubling(single), backend="numpy")
    assert report.passed is passed
    assert ("WRONG" in str(report)) is not passed


def test_nothing_compared_is_not_a_pass() -> None:
    class Nothing(Doubling):
        def run(self, dtype: str, seed: int) -> Mapping[str, np.ndarray]:
            return {}

    assert not precision(Nothing(lambda y: y), backend="numpy").passed


def test_a_sum_that_cancels_to_nothing_is_measured_by_the_others() -> None:
    class Cancelling(Doubling):
        def run(self, dtype: str, seed: int) -> Mapping[str, np.ndarray]:
            return {"y": np.ones(3, dtype), "dbias": np.full(2, 1e-18 if dtype == "float64" else self.single, dtype)}

    assert precision(Cancelling(1e-8), backend="numpy").passed  # type: ignore[arg-type]
    assert not precision(Cancelling(1e-3), backend="numpy").passed  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("name", "call", "rungs"),
    [
        ("numba", lambda x: relu_forward(x), ("numba_cpu",)),
        ("numba", lambda x: relu_forward(x.astype(float)), ("numpy_cpu",)),
        ("numba", lambda x: softmax_forward(x), ("numba_cpu",)),
        ("numba", lambda x: softmax_forward(x, axis=1), ("numpy_cpu",)),
        ("numba", lambda x: (relu_forward(x), softmax_forward(x, axis=0)), ("numba_cpu", "numpy_cpu")),
        ("numpy", lambda x: dropout_forward(x, rate=0.5, seed=1), ("numpy_cpu",)),
        ("naive", lambda x: relu_forward(x), ("naive",)),
        ("numba", lambda x: x + 1, ()),
    ],
)
def test_the_rung_that_computed_is_named(name: str, call: Callable[[np.ndarray], Any], rungs: tuple[str, ...]) -> None:
    x = np.ones((2, 3, 4), np.float32)
    with backend(name), RungsUsed() as used:
        call(x)
    assert used.names == rungs


def test_names_cover_everything_public() -> None:
    """A new layer, loss, optimizer, metric or operation without a subject fails here."""
    names = set(known_names())
    nothing_to_compute = {"Input", "InputLayer", "Layer", "SymbolicTensor"}
    nothing_to_compute |= {"MaxUnpooling2D"}  # moves numbers; tests/layers compares it
    public = {item.__name__ for item in vars(layers).values() if isinstance(item, type)}  # some have several names
    assert {case.layer.__name__ for case in LAYER_CASES} == public - nothing_to_compute
    classes = [(losses, losses.Loss), (optimizers, optimizers.Optimizer), (metrics, metrics.Metric)]
    for module, base in classes:
        for name in module.__all__:
            value = getattr(module, name)
            if isinstance(value, type) and issubclass(value, base) and value is not base:
                # LayerRates updates by another optimizer's arithmetic.
                assert name in names or name == "LayerRates", name
    # `gemm` has GPU rungs only, and stands beneath dense and conv2d there.
    assert set(operations()) - {"gemm"} <= names


def test_every_operation_is_computed_by_its_compiled_rung() -> None:
    """No subject of an operation is a NumPy fallback in disguise: those that are, are listed."""
    handed_over = {
        "Activation",
        "Dense",
        "Softmax",
        "conv2d",
        "arrange",
    }  # Add's dx is dy itself; exp and tanh are NumPy's; softmax along another axis; dx of strides with dilation
    for subject in SUBJECTS:
        name = subject.names[0]
        if subject.large or name in operations():
            rungs = precision(subject, backend="numba", against=("numpy", {})).rungs
            assert "numba_cpu" in rungs, subject.label
            assert rungs == ("numba_cpu",) or name in handed_over, subject.label


def test_rungs_are_seen_though_their_operation_is_first_imported_while_somebody_looks() -> None:
    """In a new process: the specification's own import is a call within its file."""
    done = run_python(
        """
        from tinyseg.check.rungs import RungsUsed
        from tinyseg_kernels.backend import backend
        import numpy as np
        from tinyseg_kernels.global_pool2d import global_avg_pool2d_forward
        for name in ("naive", "numpy", "numba"):
            with backend(name), RungsUsed() as used:
                global_avg_pool2d_forward(np.ones((1, 2, 2, 1), np.float32))
            print(*used.names)
        """
    )
    assert done.stdout.split() == ["naive", "numpy_cpu", "numba_cpu"]


def test_a_factor_in_a_compiled_kernel_is_wrong_for_layers_functions_and_losses(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """float64 takes NumPy's rung, which is right: only the run in float32 sees the compiled one."""
    right = compiled_dense.transposed_product
    monkeypatch.setattr(compiled_dense, "transposed_product", lambda a, b: right(a, b) * np.float32(3))
    x = np.random.default_rng(0).standard_normal((4, 3))
    report = gradients(layers.Dense(2, dtype="float64"), x, backend="numba")
    assert {a.name: a.passed for a in report.arguments} == {"x": True, "kernel": False, "bias": True}
    assert report.rungs == ("numpy_cpu",)
    assert report.float32_rungs == ("numba_cpu",)
    assert "float64 by numpy_cpu; float32 by numba_cpu" in str(report)
    assert gradients(layers.Dense(2, dtype="float64"), x, backend="numpy").passed


def test_a_layer_has_its_float64_parameters_back() -> None:
    layer = layers.BatchNormalization(dtype="float64")
    assert gradients(layer, np.random.default_rng(1).standard_normal((5, 3)), backend="numba").passed
    assert {array.dtype for array in layer.weights} == {np.dtype(np.float64)}
    layer.trainable = False
    report = gradients(layer, np.random.default_rng(1).standard_normal((5, 3)), backend="numba")
    assert report.passed
    assert report.float32_rungs == ("numba_cpu",)


def test_other_random_numbers_pass_as_well() -> None:
    for subject in [s for s in SUBJECTS if not s.large][::3]:
        assert precision(subject, seed=5, backend="numba").passed, subject.label


def test_subjects_by_name() -> None:
    assert {s.names[0] for s in chosen(["Conv2D"])} == {"Conv2D", "Model", "conv2d"}
    assert len(chosen([])) == len(SUBJECTS)
