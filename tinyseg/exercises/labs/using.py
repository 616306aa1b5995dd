"""Put an answer into a real network and train it on scenes of digits: does it segment?"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from tinyseg_kernels.errors import InvalidInput
from tinyseg_kernels.types import Array

from tinyseg.diagnosis.case import Case
from tinyseg.layers import (
    Activation,
    Concatenate,
    Conv2D,
    Input,
    MaxPooling2D,
    ReLU,
    Softmax,
    UpSampling2D,
    ZeroPadding2D,
)
from tinyseg.models import Model

from ..exercise import Exercise
from .learned import Answer, LearnedLayer, Shapes

if TYPE_CHECKING:
    from matplotlib.figure import Figure


CLASSES, WIDTH = 2, 6
"""Digit or background; channels of the first convolution."""

PLANS = ((64, 8, 120), (32, 8, 120), (32, 4, 120), (16, 8, 120), (16, 4, 100), (16, 2, 80))
"""(height of the scenes, batch, steps), the best first: slow code gets a smaller plan."""

PROBE = 8
"""Height of the scenes with which the time of a step is estimated."""

Steps = Callable[[int, int], None]


@dataclass(frozen=True)
class Used:
    """What became of it.

    Attributes:
        exercise: The exercise's name.
        where: What the answer did in the network.
        size: Height of the scenes; smaller for slow code.
        steps: Of training, each with `batch` scenes.
        losses: After each step, with the answer; `reference` are those with the library's own.
        iou: Of the digits, on scenes that were not trained on; `reference_iou` with the library's own.
        seconds: Of the training with the answer; `share` of it in the answer's functions.
        scenes, truths, predictions: Of the test scenes.
    """

    exercise: str
    where: str
    size: int
    batch: int
    steps: int
    losses: tuple[float, ...]
    reference: tuple[float, ...]
    iou: float
    reference_iou: float
    seconds: float
    share: float
    scenes: Array = field(repr=False)
    truths: Array = field(repr=False)
    predictions: Array = field(repr=False)

    def figure(self) -> Figure:
        """Draw scenes, truth, prediction and errors."""
        from tinyseg.datasets import default_colors
        from tinyseg.visualization.predictions import plot_predictions

        count = min(4, len(self.scenes))
        names, colors = ["background", "digit"], default_colors(CLASSES)
        rows = [list(array[:count]) for array in (self.scenes, self.truths, self.predictions)]
        return plot_predictions(rows[0], rows[1], rows[2], names, colors)


@dataclass(frozen=True)
class Part:
    """How an operation stands in for a part of the network: its parameters and its options."""

    where: str
    shapes: Shapes = lambda channels: {}
    options: Mapping[str, Any] = field(default_factory=dict)


CONVOLVED: Mapping[str, Any] = {"strides": (1, 1), "padding": "valid", "dilation_rate": (1, 1)}


def _kernel(channels: int, filters: int) -> dict[str, tuple[int, ...]]:
    return {"kernel": (3, 3, channels, filters), "bias": (filters,)}


PARTS: Mapping[str, Part] = {
    "conv2d": Part("all 3x3 convolutions are yours", options=CONVOLVED),
    "depthwise_conv2d": Part(
        "a depthwise convolution stands before the middle one",
        lambda channels: {"kernel": (3, 3, channels, 1), "bias": (channels,)},
        CONVOLVED,
    ),
    "conv2d_transpose": Part(
        "a transposed convolution enlarges",
        lambda channels: {"kernel": (2, 2, channels, channels), "bias": (channels,)},
        {"strides": (2, 2), "padding": "valid", "dilation_rate": (1, 1)},
    ),
    "max_pool2d": Part("the pooling is yours", options={"pool_size": (2, 2), "strides": (2, 2), "padding": "valid"}),
    "avg_pool2d": Part("the pooling is yours", options={"pool_size": (2, 2), "strides": (2, 2), "padding": "valid"}),
    "upsampling2d": Part("the upsampling is yours", options={"size": (2, 2), "interpolation": "bilinear"}),
    "relu": Part("all ReLUs are yours"),
    "softmax": Part("the softmax at the end is yours"),
    "batch_norm": Part(
        "a batch normalisation follows the middle convolution",
        lambda channels: {"gamma": (channels,), "beta": (channels,)},
        {"epsilon": 1e-3},
    ),
    "dropout": Part("dropout stands after the middle convolution", options={"rate": 0.1, "seed": 1}),
    "softmax_cross_entropy": Part("the loss is yours"),
    "dice_loss": Part("the loss is yours", options={"epsilon": 1.0}),
    "mean_absolute_error": Part("the loss is yours"),
    "sgd_momentum": Part("the optimizer is yours", options={"learning_rate": 0.2, "momentum": 0.9, "nesterov": True}),
    "adam": Part(
        "the optimizer is yours",
        options={"learning_rate": 0.01, "beta_1": 0.9, "beta_2": 0.999, "epsilon": 1e-7},
    ),
}
"""What an operation does in the network, by its name."""


def use(
    exercise: Exercise,
    forward: Callable[..., object] | None,
    backward: Callable[..., object] | None,
    *,
    seconds: float = 60.0,
    seed: int = 0,
    progress: Steps | None = None,
) -> Used:
    """Train a small network twice on scenes of digits: with the answer in it, and with the library's own arithmetic.

    Args:
        exercise: Whose operation stands in the network.
        forward: The answer's function; the library's where it is None.
        backward: The same.
        seconds: About how long the training with the answer may take: slow code gets smaller scenes and fewer steps.
        seed: Of the start values and the scenes.
        progress: Called with (done, total) steps.

    Raises:
        InvalidInput: The operation has no place in the network, or the answer fails in it.
    """
    name = exercise.operation().name
    if name not in PARTS:
        known = ", ".join(sorted(PARTS))
        raise InvalidInput(f"use: {exercise.name} has no place in a network; expected an exercise on one of {known}")
    answer = Answer(exercise.operation(), forward, backward)
    plan, where = _plan(answer, seconds, seed), PARTS[name].where
    if name == "conv2d" and plan is None:
        answer.everywhere, where = False, "the first convolution is yours (all of them would take too long)"
        plan = _plan(answer, seconds, seed)
    size, batch, steps = plan or PLANS[-1]
    answer.seconds, answer.calls = 0.0, 0
    began = time.perf_counter()
    model, losses = _trained(answer, size, batch, steps, seed, progress)
    took = time.perf_counter() - began
    share = min(1.0, answer.seconds / max(took, 1e-9))
    own, reference = _trained(
        Answer(exercise.operation(), None, None, everywhere=answer.everywhere), size, batch, steps, seed, None
    )
    x, y = _scenes(8, "test", seed, size)
    predicted, expected = (_classes(network.predict(x, verbose=0)) for network in (model, own))
    return Used(
        exercise.name, where, size, batch, steps, tuple(losses), tuple(reference), _iou(y, predicted),
        _iou(y, expected), took, share, x, y, predicted,
    )  # fmt: skip


def _plan(answer: Answer, seconds: float, seed: int) -> tuple[int, int, int] | None:
    """Return the first plan that will be done in time; None when none will.

    A step is tried at two sizes: what grows between them grows with the pixels, the rest is the same for each step.
    """
    tried = []
    for size in (PROBE, PROBE, 2 * PROBE):  # the first time loads and compiles
        began = time.perf_counter()
        _trained(answer, size, 1, 1, seed, None)
        tried.append(time.perf_counter() - began)
        if tried[-1] * PLANS[-1][2] > seconds and len(tried) == 2:
            return None
    a_pixel = max(0.0, (tried[2] - tried[1]) / (3 * PROBE**2))
    fixed = max(0.0, tried[1] - a_pixel * PROBE**2)
    return next((p for p in PLANS if p[2] * (a_pixel * p[0] ** 2 * p[1] + fixed) <= seconds), None)


def _scenes(count: int, split: str, seed: int, size: int) -> tuple[Array, Array]:
    """Return scenes of any size: those of 32 pixels, thinned out, where they are smaller. Classes: digit or not."""
    from tinyseg.datasets import digit_scenes

    x, y = digit_scenes(count, split, seed, max(size, 32))
    step = max(size, 32) // size
    return np.ascontiguousarray(x[:, ::step, ::step]), (y[:, ::step, ::step] > 0).astype(np.int64)


def _trained(
    answer: Answer, size: int, batch: int, steps: int, seed: int, progress: Steps | None
) -> tuple[Model, list[float]]:
    from tinyseg.utils import set_random_seed

    set_random_seed(seed)
    name = answer.operation.name
    model = _network(answer, size)
    model.compile("adam", loss=_loss(answer), metrics=[])
    model.optimizer.learning_rate = 0.01
    x, y = _scenes(16 * batch, "train", seed, size)
    labels = np.eye(CLASSES, dtype=np.float32)[y]
    update = partial(_optimizer_step, answer, {}) if name in ("adam", "sgd_momentum") else None
    rng, losses = np.random.default_rng(seed), []
    for step in range(steps):
        chosen = rng.permutation(len(x))[:batch]
        losses.append(_step(model, x[chosen], labels[chosen], update, step + 1))
        if progress is not None:
            progress(step + 1, steps)
    return model, losses


def _step(model: Model, x: Array, y: Array, update: Callable[..., None] | None, number: int) -> float:
    """Learn from one batch; `update` takes the optimizer's place."""
    if update is None:
        return float(model.train_step(x, y)[0][0])
    predicted, cache = model.forward(x, training=True)
    loss, dy = model.loss_and_gradient(y, predicted, None)
    _, gradients = model.backward(dy, cache, need_dx=False)
    for key, parameter in model.trainable_parameters.items():
        update(key, parameter, gradients[key], number)
    return float(loss[0])


def _optimizer_step(answer: Answer, kept: dict[str, list[Array]], key: str, w: Array, g: Array, step: int) -> None:
    """Update a parameter in its place; `kept` holds what the optimizer remembers of each."""
    names = answer.operation.arrays[2:]
    arrays = dict(zip(answer.operation.arrays, (w, g, *kept.get(key, [np.zeros_like(w) for _ in names])), strict=True))
    options = PARTS[answer.operation.name].options
    case = Case(arrays, {"step": step, **options} if answer.operation.name == "adam" else options)
    if answer.forward is None:
        right = answer.operation.right(case)
        new, *others = (right[name] for name in answer.operation.results)
    else:
        new, *others = answer.compute(case)[0]
    w[...] = new
    kept[key] = [np.asarray(other) for other in others]


def _network(answer: Answer, size: int) -> Model:
    """A small U-Net: two scales and a skip connection; what the answer computes is taken from it."""
    name, part = answer.operation.name, PARTS[answer.operation.name]
    learned = partial(LearnedLayer, answer)

    def conv(x: Any, filters: int) -> Any:
        if name == "conv2d" and (answer.everywhere or x is image):
            return learned(lambda channels: _kernel(channels, filters), part.options)(ZeroPadding2D(1)(x))
        return Conv2D(filters, 3, padding="same")(x)

    def relu(x: Any) -> Any:
        return learned(part.shapes, {})(x) if name == "relu" else ReLU()(x)

    def instead(names: tuple[str, ...], x: Any, usual: Any) -> Any:
        return learned(part.shapes, part.options)(x) if name in names else usual(x) if usual is not None else x

    image = Input((size, size, 1))
    fine = relu(conv(image, WIDTH))
    coarse = instead(("max_pool2d", "avg_pool2d"), fine, MaxPooling2D(2))
    if name == "depthwise_conv2d":
        coarse = learned(part.shapes, part.options)(ZeroPadding2D(1)(coarse))
    coarse = instead(("batch_norm",), conv(coarse, 2 * WIDTH), None)
    coarse = instead(("dropout",), relu(coarse), None)
    again = instead(("upsampling2d", "conv2d_transpose"), coarse, UpSampling2D(2))
    joined = relu(conv(Concatenate()([fine, again]), WIDTH))
    logits = Conv2D(CLASSES, 1)(joined)
    if name == "softmax_cross_entropy":
        return Model(image, Activation("linear")(logits))
    return Model(image, instead(("softmax",), logits, Softmax()))


def _loss(answer: Answer) -> Any:
    if answer.operation.name == "softmax_cross_entropy":
        return partial(_cross_entropy, answer)
    if answer.operation.name in ("dice_loss", "mean_absolute_error"):
        return partial(_of_the_digits, answer)
    return "categorical_crossentropy"


def _cross_entropy(answer: Answer, y_true: Array, logits: Array) -> tuple[Any, Array]:
    """The mean over all pixels, and its gradient."""
    flat, target = logits.reshape(-1, CLASSES), y_true.argmax(-1).reshape(-1)
    case = Case({"logits": flat, "target": target}, {})
    loss, cache = answer.compute(case)
    loss = np.asarray(loss)
    case = answer.operation.adapt(case, loss)
    dloss = np.full(loss.shape, 1 / max(loss.size, 1), logits.dtype)
    (gradient,) = answer.gradients(case, dloss, cache)
    return float(loss.mean()), np.asarray(gradient).astype(logits.dtype).reshape(logits.shape)


def _of_the_digits(answer: Answer, y_true: Array, y_pred: Array) -> tuple[Any, Array]:
    """One number for the digits' probabilities; the background's follow from them."""
    case = Case(
        {"y_true": np.ascontiguousarray(y_true[..., 1]), "y_pred": np.ascontiguousarray(y_pred[..., 1])},
        PARTS[answer.operation.name].options,
    )
    loss, cache = answer.compute(case)
    (gradient,) = answer.gradients(case, np.ones((), y_pred.dtype), cache)
    whole = np.zeros_like(y_pred)
    whole[..., 1] = gradient
    return float(np.asarray(loss)), whole


def _classes(predicted: Array) -> Array:
    return predicted.argmax(-1)


def _iou(truth: Array, predicted: Array) -> float:
    both, either = ((truth == 1) & (predicted == 1)).sum(), ((truth == 1) | (predicted == 1)).sum()
    return float(both / either) if either else 1.0
