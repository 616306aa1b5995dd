"""Where a training step spends its time and memory, layer by layer.

The layers are timed inside the very step that `fit` makes.
"""

from __future__ import annotations

import copy
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from statistics import median
from typing import Any

import numpy as np
from tinyseg_kernels.backend import get_backend, is_emulated, on_gpu
from tinyseg_kernels.errors import InvalidInput
from tinyseg_kernels.types import Array

from tinyseg.layers.input import InputLayer
from tinyseg.regularizers import penalized
from tinyseg.utils.types import JsonObject

from .flops import step_flops, step_shapes
from .kept_memory import kept_bytes
from .plan import Call
from .training import Trainer


@dataclass(frozen=True)
class LayerProfile:
    """One layer; times are medians over the steps in seconds, and of a layer that stands in several places the sum over them."""

    name: str
    kind: str
    output_shape: tuple[int, ...]
    parameters: int
    forward: float
    backward: float
    flops: int
    """Of both passes, by the plain algorithm; only products are counted."""
    kept: int
    """Bytes that stay in memory between forward and backward, without parameters and what an earlier layer keeps
    already."""
    computed_with: str | None = None
    """The layer that computes this one too, whose time is then the time of both."""

    @property
    def seconds(self) -> float:
        """Both passes."""
        return self.forward + self.backward


@dataclass(frozen=True)
class Profile:
    """A training step.

    Attributes:
        layers: In order, without inputs.
        loss: Seconds for loss and gradient by the outputs.
        update: Seconds for the optimizer.
        rest: Seconds between the layers (sums of gradients, running statistics).
        step: Seconds of the whole step. Each time is a median of its own, so on a busy machine they do not quite add up
            to it.
        input_shape: Of the batch.
        backend: Its name.
        steps: How many were measured.
    """

    layers: list[LayerProfile]
    loss: float
    update: float
    rest: float
    step: float
    input_shape: tuple[int, ...]
    backend: str
    steps: int

    def as_json(self) -> JsonObject:
        """Return all figures."""
        return asdict(self)


def profile_training(model: Trainer, input_shape: Sequence[int], *, steps: int = 5) -> Profile:
    """Measure training steps on random data. The model learns from them: load it anew for anything else.

    Args:
        model: One input, one output; it is compiled here, with Adam and the loss that fits its last activation.
        input_shape: Of a batch, every size a number.
        steps: How many are measured, after one that is not: it allocates, and compiles what has to be compiled.

    Raises:
        InvalidInput: Several inputs or outputs, a shape that the model does not take, or no layer to train.
    """
    if model.several_inputs or not model.single_output:
        raise InvalidInput(f"{model.label}: profile: expected a model with one input and one output")
    if steps < 1:
        raise InvalidInput(f"profile: steps: expected at least 1, got {steps}")
    if not model.trainable_parameters:
        raise InvalidInput(f"{model.label}: profile: the model has nothing to train")
    shape = tuple(int(size) for size in input_shape)
    x, y = _data(model, shape)
    model.to_backend()
    model.train_step(x, y)
    times: dict[str, list[float]] = {}
    for _ in range(steps):
        for key, seconds in _measured_step(model, x, y).items():
            times.setdefault(key, []).append(seconds)
    found = {key: median(values) for key, values in times.items()}
    return Profile(
        _layers(model, shape, found, kept_bytes(model, x)), found["loss"], found["update"], found["rest"], found["step"],
        shape,
        get_backend(), steps,
    )  # fmt: skip


def _data(model: Trainer, shape: tuple[int, ...]) -> tuple[Array, Array]:
    """Return a random batch and labels, and compile the model for them."""
    random = np.random.default_rng(0)
    output = step_shapes(model, shape)[model.graph.outputs[0]]
    last = model.graph.steps[model.graph.outputs[0]].layer
    x = random.random(shape, dtype=np.float32).astype(model.dtype, copy=False)
    if last.get_config().get("activation") == "softmax" and output[-1] > 1:
        model.compile(optimizer="adam", loss="sparse_categorical_crossentropy")
        return x, random.integers(0, output[-1], output[:-1])
    model.compile(optimizer="adam", loss="mean_squared_error")
    return x, random.random(output, dtype=np.float32).astype(model.dtype, copy=False)


def _layers(model: Trainer, shape: tuple[int, ...], found: dict[str, float], kept: list[int]) -> list[LayerProfile]:
    flops, shapes = step_flops(model, shape, training=True), step_shapes(model, shape)
    layers = []
    for layer in model.layers:
        if isinstance(layer, InputLayer):
            continue
        places = [k for k, step in enumerate(model.graph.steps) if step.layer is layer]
        layers.append(
            LayerProfile(
                layer.name, type(layer).__name__, shapes[places[-1]], layer.count_params(),
                found.get(f"forward {layer.name}", 0.0), found.get(f"backward {layer.name}", 0.0),
                sum(flops[k] for k in places), sum(kept[k] for k in places),
                None if f"forward {layer.name}" in found else model.graph.steps[model.graph.steps[places[0]].inputs[0]].layer.name,
            )
        )  # fmt: skip
    return layers


def _measured_step(model: Trainer, x: Any, y: Any) -> dict[str, float]:
    """Make the step of `Trainer.train_step`, and return the seconds of its parts and of each layer's forward and backward."""
    clock = _Clock()
    model.watch = clock.watch
    try:
        _wait()
        started = time.perf_counter()
        y_pred, cache = model.forward(x, training=True)
        loss_and_gradient = clock.timed("loss", model.loss_and_gradient)
        _, dy = loss_and_gradient(y, y_pred, None)
        model.update_state(cache)
        _, gradients = model.backward(dy, cache, need_dx=False, release=True)
        penalized(model, gradients)
        clock.timed("update", model.optimizer.apply)(model.trainable_parameters, gradients)
        _wait()
        whole = time.perf_counter() - started
    finally:
        model.watch = None
    return clock.spent | {"step": whole, "rest": max(0.0, whole - sum(clock.spent.values()))}


class _Clock:
    """Adds up the seconds that each part of a step takes."""

    def __init__(self) -> None:
        self.spent: dict[str, float] = {}

    def watch(self, call: Call) -> Call:
        """Return a call that does the same and is measured."""
        call, name = copy.copy(call), call.layer.name
        call.forward = self.timed(f"forward {name}", call.forward)
        call.backward = self.timed(f"backward {name}", call.backward)
        return call

    def timed(self, key: str, function: Callable[..., Any]) -> Callable[..., Any]:
        """Return a function that does the same and notes how long it took."""

        def run(*arguments: object, **options: object) -> Any:
            _wait()
            started = time.perf_counter()
            result = function(*arguments, **options)
            _wait()
            self.spent[key] = self.spent.get(key, 0.0) + time.perf_counter() - started
            return result

        return run


def _wait() -> None:
    """Wait for a GPU, which computes behind the host's back."""
    if on_gpu() and not is_emulated():
        from tinyseg_kernels.device import device_module

        device_module().cuda.Device().synchronize()


def profile_text(profile: Profile) -> str:
    """Return a table: one line per layer, then loss, optimizer, the rest and the sum."""
    rows = [("Layer (type)", "Output shape", "Params", "Forward ms", "Backward ms", "Share", "MFLOP", "GFLOP/s", "Kept MiB")]  # fmt: skip
    for layer in profile.layers:
        rate = f"{layer.flops / layer.seconds / 1e9:.1f}" if layer.flops and layer.seconds else ""
        times = (_ms(layer.forward), _ms(layer.backward), f"{layer.seconds / profile.step:.1%}")
        rows.append((
            f"{layer.name} ({layer.kind})", "x".join(map(str, layer.output_shape)), f"{layer.parameters:,}",
            *(times if layer.computed_with is None else ("with", layer.computed_with, "")), f"{layer.flops / 1e6:.1f}" if layer.flops else "", rate, f"{layer.kept / 2**20:.2f}",
        ))  # fmt: skip
    for label, seconds in (("loss and its gradient", profile.loss), ("optimizer", profile.update), ("between the layers", profile.rest)):  # fmt: skip
        rows.append((label, "", "", _ms(seconds), "", f"{seconds / profile.step:.1%}", "", "", ""))
    flops = sum(layer.flops for layer in profile.layers)
    kept, count = sum(layer.kept for layer in profile.layers), sum(layer.parameters for layer in profile.layers)
    forward, backward = (sum(getattr(layer, way) for layer in profile.layers) for way in ("forward", "backward"))
    rows.append(("all", "x".join(map(str, profile.input_shape)), f"{count:,}", _ms(forward), _ms(backward), "100.0%", f"{flops / 1e6:.1f}", f"{flops / profile.step / 1e9:.1f}", f"{kept / 2**20:.2f}"))  # fmt: skip
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = [
        "  ".join(f"{cell:<{width}}" if k < 2 else f"{cell:>{width}}" for k, (cell, width) in enumerate(zip(row, widths, strict=True))).rstrip()
        for row in rows
    ]  # fmt: skip
    rule = "-" * max(len(line) for line in lines)
    lines = [lines[0], rule, *lines[1:-1], rule, lines[-1]]
    lines.append(f"A training step takes {_ms(profile.step)} ms: backend {profile.backend!r}, median of {profile.steps} steps")  # fmt: skip
    return "\n".join(lines)


def _ms(seconds: float) -> str:
    return f"{seconds * 1e3:.3f}"
