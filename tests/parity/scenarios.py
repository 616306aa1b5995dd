"""Ways to train: networks, losses, optimizers and options of `fit` that tinyseg and Keras both have, written once for
both.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import keras
import numpy as np

import tinyseg
from tests.models.networks import CLASSES, IMAGE, images, masks
from tinyseg.utils import to_categorical

Named = tuple[str, dict[str, Any]]
"""A class by its name, and arguments."""

VOID = 255
"""A label of pixels that count for nothing."""


# Networks: `p` is the package, tinyseg or keras -----------------------------------------------------------------------


def body(p: Any) -> tuple[Any, Any]:
    """Draw the layers that all networks begin with."""
    inputs = p.Input(shape=IMAGE, name="image")
    x = p.layers.Conv2D(5, 3, padding="same", use_bias=False, name="first")(inputs)
    x = p.layers.BatchNormalization(momentum=0.6, name="norm")(x)
    return inputs, p.layers.LeakyReLU(name="bend")(x)


def classifier(p: Any, activation: str | None = "softmax") -> Any:
    """One class per image."""
    inputs, x = body(p)
    x = p.layers.MaxPooling2D(name="pool")(x)
    x = p.layers.Dense(6, activation="tanh", name="hidden")(p.layers.Flatten(name="flat")(x))
    return p.Model(inputs, p.layers.Dense(CLASSES, activation=activation, name="top")(x))


def logits(p: Any) -> Any:
    """One class per image, without the softmax."""
    return classifier(p, None)


def segmenter(p: Any) -> Any:
    """One class per pixel, with a skip connection."""
    inputs, skip = body(p)
    x = p.layers.AveragePooling2D(2, name="pool")(skip)
    x = p.layers.SeparableConv2D(4, 3, padding="same", activation="relu", name="deep")(x)
    x = p.layers.Conv2DTranspose(4, 2, strides=2, name="up")(x)
    x = p.layers.Concatenate(name="join")([x, skip])
    return p.Model(inputs, p.layers.Conv2D(CLASSES, 1, activation="softmax", name="top")(x))


def mask(p: Any, activation: str | None = "sigmoid") -> Any:
    """Yes or no per pixel."""
    inputs, x = body(p)
    x = p.layers.DepthwiseConv2D((3, 2), padding="same", activation="relu", name="deep")(x)
    return p.Model(inputs, p.layers.Conv2D(1, 1, activation=activation, name="top")(x))


def mask_logits(p: Any) -> Any:
    """Yes or no per pixel, without the sigmoid."""
    return mask(p, None)


def regression(p: Any) -> Any:
    """Two numbers per image."""
    inputs, x = body(p)
    x = p.layers.Conv2D(4, (2, 3), strides=(1, 2), activation="sigmoid", name="deep")(x)
    return p.Model(inputs, p.layers.Dense(2, name="top")(p.layers.GlobalAveragePooling2D(name="mean")(x)))


# Scenarios ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Scenario:
    """One training: the same for both packages."""

    name: str
    network: Callable[..., Any]
    optimizer: Named
    loss: Named
    metrics: tuple[Any, ...] = ()
    """Names, or a class by its name with arguments, and further arguments that only Keras needs."""
    schedule: Named | None = None
    """The learning rate."""
    validation: str = "data"
    """'none', 'split' off the training data, 'data', or 'weighted data'."""
    weights: str = "none"
    """'class', one weight per 'sample', or per 'pixel'."""
    frozen: tuple[str, ...] = ()
    """Names of layers."""
    callbacks: tuple[Named, ...] = ()
    options: dict[str, Any] = field(default_factory=dict)
    """Further arguments of `fit`."""
    samples: int = 32
    dtype: str = "float64"

    def __str__(self) -> str:
        """Name the scenario in the test's id."""
        return f"{self.name.replace(', ', ' ').replace(' ', '_')}-{self.dtype}"

    def pair(self) -> tuple[tinyseg.Model, keras.Model]:
        """Return both models with the same weights, compiled. No bias starts at 0 and no scale at 1."""
        tinyseg.utils.set_random_seed(5)
        ours, theirs = self.network(tinyseg), self.network(keras)
        rng = np.random.default_rng(8)
        for layer in ours.layers:
            for array in layer.parameters.values():
                array += rng.uniform(-0.1, 0.1, array.shape)
            if layer.weights:
                theirs.get_layer(layer.name).set_weights(layer.get_weights())
        for model in (ours, theirs):
            for name in self.frozen:
                model.get_layer(name).trainable = False
        self.compile(ours, theirs)
        return ours, theirs

    def compile(self, ours: tinyseg.Model, theirs: keras.Model) -> None:
        """Compile both models; each gets objects of its own package."""
        name, arguments = self.optimizer
        for package, model in ((tinyseg, ours), (keras, theirs)):
            rate = {}
            if self.schedule is not None:
                rate["learning_rate"] = getattr(package.optimizers.schedules, self.schedule[0])(**self.schedule[1])
            metrics = []
            for metric in self.metrics:
                if isinstance(metric, str):
                    metrics.append(metric)
                    continue
                extra = metric[2] if package is keras and len(metric) > 2 else {}
                metrics.append(getattr(package.metrics, metric[0])(**metric[1], **extra))
            model.compile(
                getattr(package.optimizers, name)(**arguments, **rate),
                loss=getattr(package.losses, self.loss[0])(**self.loss[1]),
                metrics=metrics,
            )

    def data(self, count: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
        """Draw images with labels in the form that network and loss ask for."""
        per_image = self.network in (classifier, logits, regression)
        x, labels = (images if per_image else masks)(count, seed)
        x = x.astype(self.dtype)
        if self.network is regression:
            return x, np.stack([x.mean(axis=(1, 2, 3)), x[..., 0].std(axis=(1, 2))], axis=1)
        if self.network in (mask, mask_logits):
            return x, (labels > 0)[..., None].astype(self.dtype)
        if not self.loss[0].startswith("Sparse"):
            return x, to_categorical(labels, CLASSES).astype(self.dtype)
        if self.loss[1].get("ignore_class") == VOID:
            labels[np.random.default_rng(seed).random(labels.shape) < 0.3] = VOID
        return x, labels

    def sample_weight(self, y: np.ndarray, seed: int) -> np.ndarray:
        """Draw weights of samples, or of pixels."""
        shape = y.shape[:3] if self.weights == "pixel" else y.shape[:1]
        return np.random.default_rng([seed, 77]).uniform(0, 2, shape).astype(self.dtype)

    def arguments(self) -> dict[str, Any]:
        """Return the arguments of `fit` but for the callbacks, which belong to one package."""
        x, y = self.data(self.samples, seed=1)
        given: dict[str, Any] = {"x": x, "y": y, "batch_size": 8, "epochs": 3, "shuffle": False, "verbose": 0}
        if self.weights == "class":
            given["class_weight"] = {0: 2.0, 1: 0.5}
        elif self.weights != "none":
            given["sample_weight"] = self.sample_weight(y, seed=1)
        if self.validation == "split":
            given["validation_split"] = 0.25
        elif self.validation != "none":
            given["validation_data"] = held_out = self.data(16, seed=2)
            if self.validation == "weighted data":
                given["validation_data"] = (*held_out, self.sample_weight(held_out[1], seed=2))
        return given | self.options


ADAM: Named = ("Adam", {"learning_rate": 0.01})
ADAMW: Named = ("AdamW", {"learning_rate": 0.01, "weight_decay": 0.1})
SGD: Named = ("SGD", {"learning_rate": 0.05, "momentum": 0.9})
NESTEROV: Named = ("SGD", {"learning_rate": 0.05, "momentum": 0.8, "nesterov": True})
RMSPROP: Named = ("RMSprop", {"learning_rate": 0.003, "centered": True, "momentum": 0.5})

SPARSE: Named = ("SparseCategoricalCrossentropy", {})
SPARSE_LOGITS: Named = ("SparseCategoricalCrossentropy", {"from_logits": True})
WITHOUT_VOID: Named = ("SparseCategoricalCrossentropy", {"ignore_class": VOID})
ONE_HOT: Named = ("CategoricalCrossentropy", {})
SMOOTHED: Named = ("CategoricalCrossentropy", {"label_smoothing": 0.2})
BINARY: Named = ("BinaryCrossentropy", {})
BINARY_LOGITS: Named = ("BinaryCrossentropy", {"from_logits": True, "label_smoothing": 0.1})
SQUARES: Named = ("MeanSquaredError", {})
DISTANCES: Named = ("MeanAbsoluteError", {})

# What Keras counts in float32 whatever it is told.
IOU = ("MeanIoU", {"num_classes": CLASSES, "name": "iou"}, {"sparse_y_pred": False})
IOU_WITHOUT_VOID = ("MeanIoU", {"num_classes": CLASSES, "name": "iou", "ignore_class": VOID}, {"sparse_y_pred": False})

ALONE = [
    Scenario("plain", classifier, ADAM, SPARSE, ("accuracy",), validation="split"),
    Scenario("smoothed labels", classifier, NESTEROV, SMOOTHED, ("accuracy", ("CategoricalAccuracy", {}))),
    Scenario("logits", logits, RMSPROP, SPARSE_LOGITS, (("SparseCategoricalAccuracy", {"name": "right"}),)),
    Scenario("last batch smaller", segmenter, SGD, ONE_HOT, ("accuracy",), samples=29),
    Scenario("sum over the batch", regression, ("SGD", {"learning_rate": 0.01}),
        ("MeanSquaredError", {"reduction": "sum"})),
    Scenario("no validation", segmenter, RMSPROP, SPARSE, ("accuracy", IOU), validation="none"),
    # Weights
    Scenario("class weights", classifier, SGD, SPARSE, ("accuracy",), weights="class"),
    Scenario("class weights, one-hot", classifier, ADAMW, ONE_HOT, ("accuracy",), weights="class", validation="split"),
    Scenario("sample weights, both", logits, ADAM, SPARSE_LOGITS, ("accuracy",), weights="sample",
        validation="weighted data"),
    Scenario("sample weights, split", regression, SGD, SQUARES, (("MeanAbsoluteError", {}),), weights="sample",
        validation="split"),
    Scenario("pixel weights", segmenter, ADAM, SPARSE, ("accuracy",), weights="pixel", validation="weighted data"),
    Scenario("pixel weights, binary", mask, RMSPROP, BINARY, (("BinaryAccuracy", {}),), weights="pixel",
        validation="split"),
    # Ignored pixels
    # Not 32 samples: one of their pixels has two scores so nearly equal in float32 that the processor decides which is
    # larger, and the IoU counts it.
    Scenario("void", segmenter, ADAM, WITHOUT_VOID, (IOU_WITHOUT_VOID,), samples=24),
    Scenario("void, pixel weights", segmenter, NESTEROV, WITHOUT_VOID, weights="pixel", validation="split"),
    Scenario("a known class ignored", segmenter, ADAMW, ("SparseCategoricalCrossentropy", {"ignore_class": 0}),
        ("accuracy",)),
    # Schedules
    Scenario("ExponentialDecay", classifier, ("SGD", {"momentum": 0.5}), SPARSE,
             schedule=("ExponentialDecay", {"initial_learning_rate": 0.1, "decay_steps": 5, "decay_rate": 0.5})),
    Scenario("InverseTimeDecay", mask, ("Adam", {}), BINARY,
             schedule=("InverseTimeDecay",
                 {"initial_learning_rate": 0.02, "decay_steps": 3, "decay_rate": 0.7, "staircase": True})),
    Scenario("PolynomialDecay", regression, ("RMSprop", {}), DISTANCES, (("MeanSquaredError", {}),),
             schedule=("PolynomialDecay",
                 {"initial_learning_rate": 0.02, "decay_steps": 7, "power": 0.9, "cycle": True})),
    Scenario("CosineDecay", segmenter, ("AdamW", {"weight_decay": 0.01}), SPARSE,
             schedule=("CosineDecay",
                 {"initial_learning_rate": 0.0, "decay_steps": 7, "alpha": 0.1, "warmup_target": 0.03,
                                       "warmup_steps": 3})),
    Scenario("CosineDecayRestarts", regression, ("SGD", {"momentum": 0.8}), SQUARES,
             schedule=("CosineDecayRestarts",
                 {"initial_learning_rate": 0.03, "first_decay_steps": 2, "m_mul": 0.5, "alpha": 0.1})),
    Scenario("PiecewiseConstantDecay", logits, ("SGD", {"nesterov": True, "momentum": 0.7}), SPARSE_LOGITS,
             schedule=("PiecewiseConstantDecay", {"boundaries": [2, 7], "values": [0.1, 0.03, 0.01]})),
    # Frozen layers
    Scenario("frozen normalisation", classifier, ADAM, SPARSE, ("accuracy",), frozen=("norm",)),
    Scenario("all frozen but the last", segmenter, ADAMW, SPARSE, ("accuracy",),
        frozen=("first", "norm", "deep", "up")),
    Scenario("frozen in the middle", regression, NESTEROV, SQUARES, (("MeanAbsoluteError", {}),), frozen=("deep",),
        validation="split"),
    # Clipping
    Scenario("clipnorm", mask_logits, ("SGD", {"learning_rate": 0.5, "clipnorm": 0.2}), BINARY_LOGITS,
        (("BinaryAccuracy", {"threshold": 0.0}),)),
    Scenario("global_clipnorm", segmenter, ("Adam", {"learning_rate": 0.01, "global_clipnorm": 0.3}), ONE_HOT),
    Scenario("clipvalue", classifier, ("RMSprop", {"learning_rate": 0.01, "clipvalue": 0.02}), ONE_HOT,
        frozen=("hidden",)),
    # Dice
    Scenario("Dice of the batch", segmenter, ADAM, ("Dice", {}), ("accuracy",), validation="split", samples=30),
    Scenario("Dice of each image", mask, SGD, ("Dice", {"axis": (1, 2, 3)}), (("BinaryAccuracy", {}),),
        weights="sample"),
    Scenario("Dice of each class", segmenter, NESTEROV, ("Dice", {"axis": (0, 1, 2)}), frozen=("norm",)),
    # The course of the training
    # With a loss that depends on what is in a batch together, the validation's own batch size shows.
    Scenario("rarely validated", mask, ADAM, ("Dice", {}), (("BinaryAccuracy", {}),),
             options={"validation_freq": 2, "validation_batch_size": 5, "epochs": 4}),
    Scenario("begun later", classifier, SGD, SPARSE, ("accuracy",), options={"initial_epoch": 2, "epochs": 4}),
    Scenario("stopped early", classifier, ("SGD", {"learning_rate": 0.6}), SPARSE, ("accuracy",), options={"epochs": 8},
             callbacks=(("EarlyStopping", {"patience": 1, "restore_best_weights": True}),)),
    Scenario("rate reduced", regression, ("SGD", {"learning_rate": 0.9, "momentum": 0.9}), SQUARES,
        options={"epochs": 6},
             callbacks=(("ReduceLROnPlateau", {"monitor": "loss", "patience": 1, "factor": 0.3}),)),
]  # fmt: skip

IN_FLOAT32 = {"plain", "class weights, one-hot", "void", "CosineDecay", "frozen normalisation", "Dice of each image"}
"""What also runs in the dtype that people use, in which rounding grows from step to step."""

SCENARIOS = [*ALONE, *(replace(s, dtype="float32") for s in ALONE if s.name in IN_FLOAT32)]
