"""Every layer in every configuration, as ONNX Runtime and OpenVINO compute it from a file.

Configurations of a layer are the branches of one network: one file for each layer, of fixed sizes and of free ones.
Of each layer some are taken, other ones for each runtime and kind of size, and all with TINYSEG_FULL=1.
"""

from __future__ import annotations

from itertools import chain, islice
from typing import Any

import numpy as np
import pytest
from tinyseg_kernels.types import Array

from tests.diagnosis.sampling import FULL, some
from tests.layers.cases import CASES, Case
from tests.parity.configurations import CONFIGURATIONS
from tests.support.errors import ErrorLog
from tinyseg import layers
from tinyseg.layers import Input, InputLayer, Layer
from tinyseg.models import Model, Sequential
from tinyseg.models.network import Network
from tinyseg.models.onnx.nodes import NODES

from .in_node import by_page
from .runtimes import RUNTIMES, computed
from .table import PAGE, filled

LIMIT = 1e-5
"""Of the largest difference; the numbers are of the size of 1."""

MOST = 8
"""Configurations of a layer that are looked at in each test."""

NAMES = sorted({case.name for case in CASES})


def cases(name: str) -> list[Case]:
    """Return all configurations of a layer."""
    return [case for case in chain(CASES, (c.case for c in CONFIGURATIONS)) if case.name == name]


def branches(found: list[Case], free: bool) -> tuple[Model, list[Array], list[Array]]:
    """Return a network with a branch for each case, its inputs, and what each layer gives for them."""
    ends: list[Any] = []
    inputs, xs, expected = [], list[Array](), list[Array]()
    for k, case in enumerate(found):
        layer, x = case.layer("float32", name=f"layer_{k}"), case.inputs("float32")
        given = x if isinstance(x, list) else [x]
        shapes = [(None, None, a.shape[3]) if free and a.ndim == 4 else a.shape[1:] for a in given]
        drawn = [Input(shape, name=f"x_{k}_{i}") for i, shape in enumerate(shapes)]
        ends.append(layer(drawn if layer.several_inputs else drawn[0]))
        inputs += drawn
        xs += given
        expected.append(layer.forward(x, False)[0])
    return Model(inputs, ends), xs, expected


def can_be_free(case: Case) -> bool:
    """Return whether a layer takes images of any size: some say that theirs must be known."""
    try:
        branches([case], True)
    except ValueError:
        return False
    return True


@pytest.mark.filterwarnings("ignore:.*softmax over axis")
@pytest.mark.parametrize("free", [False, True], ids=["fixed", "free"])
@pytest.mark.parametrize("runtime", [*RUNTIMES, "page"])
@pytest.mark.parametrize("name", NAMES)
def test_every_layer(name: str, runtime: str, free: bool, record_error: ErrorLog) -> None:
    known = cases(name)
    mixed = some(f"{runtime} {free} {name}", known, len(known))
    found = list(islice((case for case in mixed if not free or can_be_free(case)), None if FULL else MOST))
    if not found:
        pytest.skip("needs to know the size")
    model, xs, expected = branches(found, free)
    results = by_page(model, xs) if runtime == "page" else computed(RUNTIMES[runtime], model, xs, own_batches=True)
    for case, y, right in zip(found, results, expected, strict=True):
        assert y.shape == right.shape, case
        error = float(np.abs(y - right).max())
        record_error(f"{runtime} from a file, all layers", error)
        assert error <= LIMIT, f"{case}: {error:.1e}"


def test_a_layer_without_nodes_is_noticed() -> None:
    classes = {getattr(layers, name) for name in layers.__all__}
    library = {c for c in classes if isinstance(c, type) and issubclass(c, Layer) and c not in (Layer, Network)}
    assert library - NODES.keys() == set()
    assert {layer.__name__ for layer in NODES} - {InputLayer.__name__, layers.Lambda.__name__} == set(NAMES)


@pytest.mark.parametrize("runtime", [*RUNTIMES, "page"])
def test_every_activation(runtime: str) -> None:
    from tinyseg import activations

    names = sorted(activations._KNOWN)
    x = Input((7,), name="x")
    model = Model(x, [layers.Activation(name, name=f"as_{name}")(x) for name in names])
    values = np.concatenate([np.linspace(-4, 4, 49), [0.0, 1e-6, -1e-6, 30.0, -30.0, 3.0, -3.0]])
    array = values.astype(np.float32).reshape(-1, 7)
    results = by_page(model, [array]) if runtime == "page" else computed(RUNTIMES[runtime], model, [array])
    for name, y, right in zip(names, results, model.forward(array)[0], strict=True):
        np.testing.assert_allclose(y, right, rtol=2e-6, atol=2e-6, err_msg=name)


def test_layers_within_networks_and_shared_ones() -> None:
    part = Sequential([Input((6, 5, 2)), layers.Conv2D(2, 3, padding="same"), layers.BatchNormalization()], name="part")
    x = Input((6, 5, 2), name="x")
    model = Model(x, part(layers.ReLU()(part(x))))
    array = np.random.default_rng(0).standard_normal((3, 6, 5, 2)).astype(np.float32)
    y = computed(RUNTIMES["onnxruntime"], model, [array])[0]
    np.testing.assert_allclose(y, model.predict(array, verbose=0), atol=LIMIT)


def test_the_table_of_the_page_is_of_today() -> None:
    text = PAGE.read_text("utf-8")
    assert filled(text) == text, "python -m tests.models.as_onnx.table"
