"""Same seed, same machine, same threads.

The same bits, on every CPU backend, twice in a process and in different processes.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest
from tinyseg_kernels.backend import RUNGS, backend

from tests.models.networks import assert_same_arrays, classifier, images, segmenter, weights_of
from tinyseg.applications import UNet
from tinyseg.utils import set_random_seed

from .results import results

CPU = [name for name, rungs in RUNGS.items() if not rungs[0].endswith("_gpu")]


def in_own_process(name: str, hash_seed: str) -> Any:
    """Compute everything in a new process, whose sets and dicts of texts are ordered by another hash."""
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
        "PYTHONHASHSEED": hash_seed,
    }
    command = [sys.executable, "-m", "tests.robustness.results", name]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False, env=environment)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.parametrize("name", CPU)
def test_in_two_processes(name: str) -> None:
    first = in_own_process(name, "1")
    assert len({value for part in first.values() for value in part.values()}) > 15
    assert in_own_process(name, "4321") == first


@pytest.mark.parametrize("name", CPU)
def test_twice_in_one_process(name: str) -> None:
    """Whatever was computed before in this process: other seeds, other backends, other shapes."""
    with backend(name):
        first = results()
    if name != "naive":
        other = results(seed=13)
        random = (("classification", "history"), ("segmentation", "state"), ("initial", "without"))
        assert all(first[part][key] != other[part][key] for part, key in random)
        assert first["datasets"] == other["datasets"]  # these have seeds of their own
    with backend(name):
        assert results() == first


@pytest.mark.parametrize("name", CPU)
def test_a_prediction_does_not_depend_on_earlier_ones(name: str, rng: np.random.Generator) -> None:
    model, x = segmenter(), rng.standard_normal((3, 6, 7, 2)).astype(np.float32)
    model.compile("sgd", "sparse_categorical_crossentropy")
    with backend(name):
        y, before = model.predict(x, batch_size=2), weights_of(model)
        kept = y.copy()
        for shape in ((1, 9, 4, 2), (5, 3, 3, 2)):
            other = rng.standard_normal(shape).astype(np.float32)
            model.predict(other)
            model.forward(other, training=True)
            model.evaluate(other, rng.integers(0, 3, shape[:3]))
            model.test_on_batch(other, rng.integers(0, 3, shape[:3]))
        assert_same_arrays(weights_of(model), before)
        np.testing.assert_array_equal(model.predict(x, batch_size=2), kept)
        np.testing.assert_array_equal(y, kept)  # the caller's array is nobody's buffer


def test_predicting_is_not_random_and_uses_up_nothing_random() -> None:
    """A model with dropout trains on to the same bits, however often it predicts in between."""
    x, y = images(12)
    found = []
    for times in (0, 3):
        set_random_seed(4)
        model = classifier(dropout=0.5)
        model.compile("adam", "sparse_categorical_crossentropy")
        for _ in range(3):
            model.train_on_batch(x, y)
            for _ in range(times):
                np.testing.assert_array_equal(model.predict(x), model.predict(x))
                model.evaluate(x, y)
        found.append(weights_of(model))
    assert_same_arrays(*found)


@pytest.mark.parametrize("name", [name for name in CPU if name != "naive"])
def test_two_threads_with_one_model(name: str, rng: np.random.Generator) -> None:
    model = UNet((None, None, 1), 3, 4, 2)
    inputs = [rng.standard_normal((2, size, 32, 1)).astype(np.float32) for size in (32, 48, 16, 64) * 6]

    def predict(x: Any) -> Any:
        with backend(name):  # of this thread
            return model.predict(x)

    expected = [predict(x) for x in inputs]
    with ThreadPoolExecutor(4) as pool:
        for actual, wanted in zip(pool.map(predict, inputs), expected, strict=True):
            np.testing.assert_array_equal(actual, wanted)
