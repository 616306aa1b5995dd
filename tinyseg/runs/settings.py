"""What a training run is asked to do."""

from __future__ import annotations

import sys
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any

from tinyseg_kernels.errors import InvalidInput, unknown_name

from tinyseg import applications, losses, optimizers
from tinyseg.applications import DECODERS
from tinyseg.applications.encoders import deepest
from tinyseg.datasets import VOID, Augmentation
from tinyseg.datasets.splitting import check_fraction
from tinyseg.metrics.metric import Metric
from tinyseg.models import Model
from tinyseg.utils.types import JsonObject

from .encoded import check_encoder, encoded, rated

MODELS = ("unet", "fcn", "fpn", "deeplab", "lraspp")
LOSSES = ("cross-entropy", "balanced-cross-entropy", "dice")
SCHEDULES = ("cosine", "constant", "exponential")
DEEPEST, WIDEST = 15, 1 << 16
"""What a network can have in any memory; more is a slip, or a damaged file."""
LARGEST = sys.float_info.max
"""Of a number: JSON has integers that no float can hold."""


@dataclass(frozen=True)
class Settings:
    """Options of a run; `tinyseg train --help` explains each.

    Attributes:
        model: 'unet' or 'fcn'; with an encoder 'unet', 'fpn', 'deeplab' or 'lraspp'.
        width: Channels of the first block, doubled level by level; or the channels of each of the depth + 1 levels.
        depth: Number of poolings; None is 3, or as often as the encoder halves.
        decoder: How a U-Net goes up: 'paper' or 'light'.
        dropout: Share of activations dropped at the bottom of a U-Net.
        epochs: Passes over the training images; None while `minutes` has not been turned into a number of them.
        minutes: Budget of time, from which `epochs` is found at the start.
        batch_size: Images per step.
        learning_rate: The largest, where the schedule begins (after the warm-up).
        schedule: 'cosine' (to zero at the end, after a warm-up of 5 % of the steps), 'constant' or 'exponential' (to 1
            % at the end).
        weight_decay: Of AdamW; 0 is Adam.
        loss: 'cross-entropy', or 'balanced-cross-entropy', which weighs class k by 1 / sqrt(share of k), with mean 1
            over the pixels; or 'dice', one minus the overlap, of each class for itself.
        crop: (height, width) of random windows, or None.
        augmentation: Random changes.
        ignore_class: Value in the mask files to leave out, on top of what dataset.toml says.
        seed: Of everything random.
        val_fraction: Share of the images held back to validate on, where the folder has no val/; None where it has.
        split_seed: Of which ones these are.
        encoder: A known network as the way down, such as 'mobilenet_v2', or None.
        weights: Of the encoder: a file, 'imagenet' (downloaded), or None: random.
        freeze_encoder: Whether the encoder stays as it is.
        encoder_rate: What its learning rate is multiplied by.
        separable: Whether a U-Net's 3x3 convolutions take each channel by itself, and 1x1 ones mix the channels.

    Example:
        >>> from tinyseg.runs import Settings
        >>> Settings(epochs=5, width=8).batch_size
        8
    """

    model: str = "unet"
    width: int | tuple[int, ...] = 16
    depth: int | None = None
    decoder: str = "paper"
    dropout: float = 0.0
    epochs: int | None = 20
    minutes: float | None = None
    batch_size: int = 8
    learning_rate: float = 2e-3
    schedule: str = "cosine"
    weight_decay: float = 0.0
    loss: str = "cross-entropy"
    crop: tuple[int, int] | None = None
    augmentation: Augmentation = field(default_factory=Augmentation)
    ignore_class: int | None = None
    seed: int = 0
    val_fraction: float | None = None
    split_seed: int = 0
    encoder: str | None = None
    weights: str | None = None
    freeze_encoder: bool = False
    encoder_rate: float = 1.0
    separable: bool = False

    def __post_init__(self) -> None:
        """Check names and ranges."""
        for name, known in (("model", MODELS), ("decoder", DECODERS), ("loss", LOSSES), ("schedule", SCHEDULES)):
            if getattr(self, name) not in known:
                raise unknown_name(name, getattr(self, name), known)
        for name, lowest in (("depth", 1), ("epochs", 1), ("batch_size", 1), ("seed", 0)):
            value = getattr(self, name)
            if value is not None and (isinstance(value, bool) or not isinstance(value, int) or value < lowest):
                raise InvalidInput(f"{name}: expected an integer of at least {lowest}, got {value!r}")
        check_encoder(self)
        if self.levels > DEEPEST:
            raise InvalidInput(f"depth: expected at most {DEEPEST}: each level halves the image")
        if max(applications.level_widths("width", self.width, self.levels)) > WIDEST:
            raise InvalidInput(f"width: expected at most {WIDEST:,} channels in each level")
        if self.crop is not None and not _is_size(self.crop):
            raise InvalidInput(f"crop: expected (height, width) of at least 1, got {self.crop!r}")
        if not 0 < self.learning_rate <= LARGEST or not 0 <= self.weight_decay <= LARGEST or not 0 <= self.dropout < 1:
            raise InvalidInput(
                "expected a learning rate above 0, a weight decay of at least 0 and a dropout from 0 to below 1, got "
                f"{self.learning_rate!r}, {self.weight_decay!r} and {self.dropout!r}"
            )
        check_fraction(0.5 if self.val_fraction is None else self.val_fraction, self.split_seed)
        if self.minutes is not None and not 0 < self.minutes <= LARGEST:
            raise InvalidInput(f"minutes: expected a number above 0, got {self.minutes!r}")

    @property
    def multiple_of(self) -> int:
        """What height and width of an image must be multiples of."""
        return int(2**self.levels)

    @property
    def levels(self) -> int:
        """How often the network halves an image."""
        if self.depth is not None:
            return self.depth
        return 3 if self.encoder is None else deepest(self.encoder)

    def as_json(self) -> JsonObject:
        """Return JSON types."""
        return asdict(self)

    @classmethod
    def from_json(cls, content: JsonObject) -> Settings:
        """Take back what `as_json` returned."""
        known = {item.name for item in fields(cls)}
        for name in content:
            if name not in known:
                raise unknown_name("setting", name, known)
        values = dict(content)
        values["augmentation"] = Augmentation(**values.get("augmentation", {}))
        for name in ("crop", "width"):
            if isinstance(values.get(name), list):
                values[name] = tuple(values[name])
        return cls(**values)

    def with_epochs(self, epochs: int) -> Settings:
        """Return these settings with a number of epochs."""
        return replace(self, epochs=epochs)


def _is_size(crop: object) -> bool:
    return isinstance(crop, tuple) and len(crop) == 2 and all(isinstance(n, int) and n >= 1 for n in crop)


def build_model(settings: Settings, channels: int, classes: int) -> Model:
    """Return the network, with fresh parameters.

    Example:
        >>> from tinyseg.runs import Settings, build_model
        >>> build_model(Settings(width=4, depth=2), channels=1, classes=3).output_shape
        (None, None, None, 3)
    """
    shape, width, depth = (None, None, channels), settings.width, settings.levels
    if settings.encoder is not None:
        return encoded(settings, classes)
    if settings.model == "fcn":
        return applications.FCN(shape, classes, width, depth)
    return applications.UNet(
        shape,
        classes,
        width,
        depth,
        dropout=settings.dropout,
        decoder=settings.decoder,
        separable=settings.separable,
    )


def compile_model(
    model: Model, settings: Settings, classes: int, class_weight: list[float] | None, steps_per_epoch: int
) -> None:
    """Choose optimizer, schedule, loss and metrics."""
    assert settings.epochs is not None
    steps = settings.epochs * steps_per_epoch
    rate: Any = settings.learning_rate
    if settings.schedule == "cosine":
        warm_up = steps // 20
        start = {"initial_learning_rate": rate}  # of less than 20 steps there is none to warm up in
        if warm_up:
            start = {"initial_learning_rate": rate / 20, "warmup_target": rate, "warmup_steps": warm_up}
        rate = optimizers.schedules.CosineDecay(decay_steps=max(steps - warm_up, 1), **start)
    elif settings.schedule == "exponential":
        rate = optimizers.schedules.ExponentialDecay(rate, max(steps, 1), 0.01)
    adam = optimizers.AdamW(rate, settings.weight_decay) if settings.weight_decay else optimizers.Adam(rate)
    model.compile(
        optimizer=adam if settings.encoder_rate == 1 else rated(model, adam, settings.encoder_rate),
        loss=losses.SparseDice(ignore_class=VOID)
        if settings.loss == "dice"
        else losses.SparseCategoricalCrossentropy(ignore_class=VOID, class_weight=class_weight),
        metrics=evaluation_metrics(classes),
    )


def evaluation_metrics(classes: int) -> list[Metric]:
    """Return pixel accuracy and mean IoU, void left out."""
    from tinyseg.metrics import MeanIoU, PixelAccuracy

    return [PixelAccuracy(classes, ignore_class=VOID), MeanIoU(classes, ignore_class=VOID)]
