"""Compile, fit, evaluate, predict. The training step is `Trainer.train_step`: forward, loss, backward, update."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from tinyseg_kernels.backend import on_gpu
from tinyseg_kernels.errors import InvalidInput, unknown_name
from tinyseg_kernels.gpu.arrays import is_device_array, to_backend, to_host
from tinyseg_kernels.gpu.copy_ahead import copy_ahead
from tinyseg_kernels.types import Array

from tinyseg import losses, optimizers
from tinyseg.callbacks import BackupAndRestore, Callback, CallbackList, History, ProgressLogger
from tinyseg.losses.loss import check_gradient
from tinyseg.metrics import MetricCollection
from tinyseg.utils.random import new_seed

from .data import (
    Batch,
    BatchSource,
    arrays_in,
    as_arrays,
    as_source,
    class_weights_as_sample_weights,
)
from .network import Network, as_sequence
from .out_of_memory import explained_out_of_memory
from .outputs_and_losses import check_outputs
from .tracker import LogsSoFar, Tracker


class Trainer(Network):
    """A network with an optimizer, losses and metrics."""

    optimizer: Any = None
    losses: Sequence[Any] = ()
    loss_weights: Sequence[float] = ()
    metrics: Sequence[MetricCollection] = ()
    stop_training = False

    def compile(
        self,
        optimizer: Any = "rmsprop",
        loss: Any = None,
        loss_weights: Any = None,
        metrics: Any = None,
    ) -> None:
        """Choose how to train.

        Args:
            optimizer: Name or object.
            loss: Name, object, or with several outputs a list or a dict by output names.
            loss_weights: With several outputs, the factor of each one's loss in the sum; 1 when not given.
            metrics: Names or objects; with several outputs a list of lists or a dict by output names.

        Raises:
            InvalidInput: An unknown name, or not as many losses as outputs.
        """
        names = self.output_names
        self.optimizer = optimizers.get(optimizer)
        self.losses = [None if item is None else losses.get(item) for item in self._per_output("loss", loss)]
        weights = self._per_output("loss_weights", loss_weights)
        try:
            self.loss_weights = [1.0 if weight is None else float(weight) for weight in weights]
        except (TypeError, ValueError):
            raise InvalidInput(
                f"{self.label}: loss_weights: expected numbers, got {loss_weights!r}; metrics are given as metrics=[...]"
            ) from None
        if len(names) == 1:
            groups: list[Any] = [metrics.get(names[0]) if isinstance(metrics, Mapping) else metrics]
        else:
            groups = self._per_output("metrics", metrics)
        self.metrics = [MetricCollection(list(as_sequence(group)) if group is not None else []) for group in groups]
        check_outputs(self.label, self.outputs, self.losses)

    @property
    def output_names(self) -> list[str]:
        """Names of the layers that give the outputs."""
        return [tensor.name for tensor in self.outputs]

    def _per_output(self, what: str, given: Any) -> list[Any]:
        """Return one entry per output from a dict by names, a list, or a single one for a single output."""
        names = self.output_names
        if isinstance(given, Mapping):
            for name in given:
                if name not in names:
                    raise unknown_name(f"output in {what}", name, names)
            return [given.get(name) for name in names]
        group = [given] * len(names) if given is None else list(as_sequence(given))
        if len(group) != len(names):
            raise InvalidInput(f"{self.label}: {what}: expected {len(names)} (outputs {names}), got {len(group)}")
        return group

    def to_backend(self) -> None:
        """Bring parameters, state and the optimizer's slots to where the backend in use computes."""
        super().to_backend()
        if self.optimizer is not None:
            self.optimizer.slot_arrays = {key: to_backend(a) for key, a in self.optimizer.slot_arrays.items()}

    # One step --------------------------------------------------------------------------------------------------------

    def train_step(self, x: Any, y: Any, sample_weight: Any = None) -> tuple[list[Any], list[Array]]:
        """Learn from one batch: forward, loss, backward, update.

        Returns:
            The loss (with several outputs: the weighted sum, then each) and the outputs that it was computed from. Under a GPU backend all of them
            stay on the device: a loss is an array without axes there, and `float(loss)` waits for it.
        """
        y_pred, cache = self.forward(x, training=True)
        loss, dy = self.loss_and_gradient(y, y_pred, sample_weight)
        self.update_state(cache)  # after the loss: labels that it refuses leave the model as it was
        _, gradients = self.backward(dy, cache, need_dx=False, release=True)
        self.optimizer.apply(self.trainable_parameters, gradients)
        return loss, list(as_sequence(y_pred))

    def loss_and_gradient(
        self, y: Any, y_pred: Any, sample_weight: Any, gradient: bool = True
    ) -> tuple[list[Any], Any]:
        """Return ([loss], gradient by the output), or for several outputs ([sum, each...], gradients)."""
        values, gradients = [], []
        targets, weights = self._per_output("y", y), self._per_output("sample_weight", sample_weight)
        for loss, factor, target, prediction, weight in zip(
            self.losses, self.loss_weights, targets, as_sequence(y_pred), weights, strict=True
        ):
            if loss is None:
                values.append(0.0)
                gradients.append(np.zeros_like(prediction))
                continue
            value, cache = loss.forward(target, prediction, weight)
            values.append(value)
            if gradient:
                gradients.append(loss.backward(factor, cache))
                if loss.checked:
                    check_gradient(loss, gradients[-1], prediction)
        if self.single_output:
            return [self.loss_weights[0] * values[0]], gradients[0] if gradient else None
        total = sum(factor * value for factor, value in zip(self.loss_weights, values, strict=True))
        return [total, *values], gradients

    def _check_batch(self, batch: Batch, class_weight: Mapping[int, float] | None = None) -> Batch:
        """Refuse what would only fail later, or never: no loss, no labels, NaN; turn class weights into sample weights."""
        x, y, weight = batch
        if self.optimizer is None:
            raise InvalidInput(f"{self.label}: call compile(optimizer=..., loss=...) before training or evaluating")
        if all(loss is None for loss in self.losses):
            raise InvalidInput(
                f"{self.label}: compile was called without a loss; give one, such as 'categorical_crossentropy'"
            )
        if y is None:
            raise InvalidInput(f"{self.label}: expected labels y, got none")
        for what, part in (("the input contains", x), ("the labels contain", y)):
            for array in arrays_in(part):
                if is_device_array(array):
                    continue  # looking at it would make the host wait for the device
                # A sum is one pass without a temporary; only when it is not finite is it worth looking closer.
                if array.dtype.kind == "f" and not np.isfinite(array.sum()) and not np.isfinite(array).all():
                    sample = int(np.argwhere(~np.isfinite(array))[0][0])
                    raise InvalidInput(f"{self.label}: {what} NaN or infinity (first in sample {sample} of a batch)")
        if class_weight is not None:
            by_class = class_weights_as_sample_weights(class_weight, y, len(self.outputs[0].shape))
            if weight is not None:
                extra = by_class.ndim - np.ndim(weight)
                by_class = by_class * np.reshape(weight, np.shape(weight) + (1,) * max(extra, 0))
            weight = by_class
        return x, y, weight

    # Many steps ------------------------------------------------------------------------------------------------------

    def fit(
        self,
        x: Any = None,
        y: Any = None,
        batch_size: int | None = None,
        epochs: int = 1,
        verbose: Any = "auto",
        callbacks: Sequence[Callback] | None = None,
        validation_split: float = 0.0,
        validation_data: Any = None,
        shuffle: bool = True,
        class_weight: Mapping[int, float] | None = None,
        sample_weight: Any = None,
        initial_epoch: int = 0,
        steps_per_epoch: int | None = None,
        validation_steps: int | None = None,
        validation_batch_size: int | None = None,
        validation_freq: int = 1,
    ) -> History:
        """Train for a number of epochs.

        Args:
            x: Array (or list or dict of arrays), a sequence of batches, or a generator of (x, y) or (x, y, sample_weight).
            y: Labels, when x is an array.
            batch_size: Samples per step, 32 when None; only for arrays.
            epochs: The epoch to stop at (counted from 0, so with `initial_epoch` fewer are run).
            verbose: 'auto' or 1 shows progress, 2 prints a line per epoch, 0 is silent.
            callbacks: Objects from `tinyseg.callbacks`.
            validation_split: Last part of the arrays to validate on instead of training.
            validation_data: (x_val, y_val), (x_val, y_val, sample_weight), a sequence of batches or a generator.
            shuffle: Whether to draw a new order of the samples each epoch; only for arrays.
            class_weight: Weight of each class in the loss: {class id: weight}; 1 for those not named.
            sample_weight: Weight of each sample (N,), or of each label, such as (N, H, W).
            initial_epoch: Epoch to begin with.
            steps_per_epoch: Batches per epoch of a generator that never ends.
            validation_steps: The same for a generator of validation data.
            validation_batch_size: Samples per validation batch; `batch_size` when None.
            validation_freq: Validate every so many epochs.

        Returns:
            A History whose `history` maps 'loss', metrics and 'val_...' to one number per epoch.

        Raises:
            InvalidInput: Data that do not fit the model or the loss.
        """
        source = as_source(
            x, y, sample_weight, batch_size=batch_size, shuffle=shuffle, seed=new_seed(), steps=steps_per_epoch
        )  # fmt: skip
        validation: BatchSource | None = None
        if validation_data is not None:
            given = validation_data if isinstance(validation_data, tuple) else (validation_data,)
            validation = as_source(*given, batch_size=validation_batch_size or batch_size, steps=validation_steps)
        elif validation_split:
            if not hasattr(source, "split"):
                raise InvalidInput("validation_split needs arrays; give validation_data instead")
            source, validation = source.split(validation_split)
        self.to_backend()
        history = History()
        # Both see what the others added to the logs; what saves the state of all callbacks comes after everything.
        watching, saving = _split_backup(callbacks or [])
        everyone = [*watching, history, *ProgressLogger.for_verbosity(verbose), *saving]
        watchers = CallbackList(everyone, self, epochs, _length(source))
        self.history, self.stop_training = history, False
        self.resume_at_epoch = initial_epoch
        watchers.on_train_begin()
        for epoch in range(self.resume_at_epoch, epochs):
            if self.stop_training:
                break
            watchers.on_epoch_begin(epoch)
            logs = self._train_epoch(source, epoch, class_weight, watchers)
            if validation is not None and (epoch + 1) % validation_freq == 0:
                tested = self._evaluate(validation, watchers)
                logs |= {f"val_{name}": value for name, value in tested.items()}
            watchers.on_epoch_end(epoch, logs)
        watchers.on_train_end()
        return history

    def _train_epoch(
        self, source: BatchSource, epoch: int, class_weight: Mapping[int, float] | None, watchers: CallbackList
    ) -> dict[str, float]:
        tracker = Tracker(self)
        for k, (x, y, weight) in enumerate(self._checked_batches(source, epoch, class_weight)):
            watchers.on_train_batch_begin(k)
            with explained_out_of_memory(self, x, y, weight):
                loss, outputs = self.train_step(x, y, weight)
                tracker.update(loss, self._per_output("y", y), outputs)
            watchers.on_train_batch_end(k, LogsSoFar(tracker))
            if self.stop_training:
                break
        return tracker.results()

    def _checked_batches(
        self, source: BatchSource, epoch: int, class_weight: Mapping[int, float] | None = None
    ) -> Iterator[Batch]:
        """Yield the batches of an epoch; under a GPU backend the next one is copied while the current one is computed."""
        batches = (self._check_batch(raw, class_weight) for raw in source.epoch(epoch))
        return copy_ahead(batches, _host_arrays) if on_gpu() else batches

    def evaluate(
        self,
        x: Any = None,
        y: Any = None,
        batch_size: int | None = None,
        verbose: Any = 0,
        sample_weight: Any = None,
        steps: int | None = None,
        callbacks: Sequence[Callback] | None = None,
        return_dict: bool = False,
    ) -> Any:
        """Compute loss and metrics on data given as for `fit`.

        Returns:
            The loss, or a list [loss, metrics...], or with `return_dict` a dict by names.
        """
        source = as_source(x, y, sample_weight, batch_size=batch_size, steps=steps)
        watchers = CallbackList(list(callbacks or []), self, 1, _length(source))
        results = self._evaluate(source, watchers)
        if verbose:
            print(" - ".join(f"{name}: {value:.4f}" for name, value in results.items()))
        if return_dict:
            return results
        return list(results.values()) if len(results) > 1 else next(iter(results.values()))

    def _evaluate(self, source: BatchSource, watchers: CallbackList) -> dict[str, float]:
        tracker = Tracker(self)
        self.to_backend()
        watchers.on_test_begin()
        for x, y, weight in self._checked_batches(source, 0):
            with explained_out_of_memory(self, x, y, weight, training=False):
                outputs = self._run(x, False, None)
                y_pred = outputs[0] if self.single_output else outputs
                loss, _ = self.loss_and_gradient(y, y_pred, weight, gradient=False)
                tracker.update(loss, self._per_output("y", y), outputs)
        results = tracker.results()
        watchers.on_test_end(results)
        return results

    def predict(self, x: Any, batch_size: int | None = None, verbose: Any = 0, steps: int | None = None) -> Any:
        """Return the outputs for data given as for `fit`, without labels, batch by batch, as NumPy arrays."""
        source = as_source(x, batch_size=batch_size, steps=steps)
        parts = [self._predict_batch(batch) for batch, _, _ in source.epoch(0)]
        outputs = [np.concatenate(group) for group in zip(*parts, strict=True)]
        return outputs[0] if self.single_output else outputs

    def _predict_batch(self, x: Any) -> list[Array]:
        self.to_backend()
        with explained_out_of_memory(self, x, training=False):
            return [to_host(output) for output in self._run(x, False, None)]

    def train_on_batch(
        self,
        x: Any,
        y: Any = None,
        sample_weight: Any = None,
        class_weight: Mapping[int, float] | None = None,
        return_dict: bool = False,
    ) -> Any:
        """Run one training step; returns the loss, or [loss, metrics...] of this batch, or a dict."""
        x, y, weight = self._check_batch((as_arrays(x), as_arrays(y), as_arrays(sample_weight)), class_weight)
        tracker = Tracker(self)
        self.to_backend()
        with explained_out_of_memory(self, x, y, weight):
            loss, outputs = self.train_step(x, y, weight)
            tracker.update(loss, self._per_output("y", y), outputs)
        return _as_keras_returns(tracker.results(), return_dict)

    def test_on_batch(self, x: Any, y: Any = None, sample_weight: Any = None, return_dict: bool = False) -> Any:
        """Compute loss and metrics of one batch without learning from it."""
        results = self._evaluate(
            as_source([(as_arrays(x), as_arrays(y), as_arrays(sample_weight))]), CallbackList([], self, 1, 1)
        )
        return _as_keras_returns(results, return_dict)

    def predict_on_batch(self, x: Any) -> Any:
        """Return the outputs for one batch, as NumPy arrays."""
        outputs = self._predict_batch(as_arrays(x))
        return outputs[0] if self.single_output else outputs


def _split_backup(callbacks: Sequence[Callback]) -> tuple[list[Callback], list[Callback]]:
    """Return the callbacks without, and with only, a last one that is a BackupAndRestore."""
    count = len(callbacks) - bool(callbacks and isinstance(callbacks[-1], BackupAndRestore))
    return list(callbacks[:count]), list(callbacks[count:])


def _host_arrays(batch: Batch) -> list[Array]:
    return [array for part in batch for array in arrays_in(part) if not is_device_array(array)]


def _length(source: BatchSource) -> int | None:
    try:
        return len(source)
    except TypeError:
        return None


def _as_keras_returns(results: dict[str, float], return_dict: bool) -> Any:
    if return_dict:
        return results
    return list(results.values()) if len(results) > 1 else next(iter(results.values()))
