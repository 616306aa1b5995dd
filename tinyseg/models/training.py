"""Compile, fit, evaluate, predict. The training step is `Trainer.train_step`: forward, loss, backward, update."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from operator import mul
from typing import Any

import numpy as np
from tinyseg_kernels.backend import on_gpu
from tinyseg_kernels.checks import as_count
from tinyseg_kernels.copy_ahead import copy_ahead
from tinyseg_kernels.device import is_device_array, to_backend, to_host
from tinyseg_kernels.errors import InvalidInput, unknown_name
from tinyseg_kernels.types import Array

from tinyseg import losses, optimizers
from tinyseg.callbacks import CallbackList, History
from tinyseg.callbacks.callback import Callback
from tinyseg.callbacks.progress import WorkLogger
from tinyseg.losses.loss import check_gradient
from tinyseg.metrics import MetricCollection
from tinyseg.metrics.collection import check_apart
from tinyseg.regularizers import penalized, penalty
from tinyseg.utils.arrays import apart_from, arrays_in, as_arrays
from tinyseg.utils.random import new_seed
from tinyseg.utils.types import LossLike, MetricLike, OptimizerLike

from .arguments import UNSAID, check_how_it_is_run, loss_factor, unknown_arguments
from .data import Batch, BatchSource
from .labels_and_weights import cannot_train, refuse_infinite, with_class_weight
from .network import Network, as_sequence
from .out_of_memory import explained_out_of_memory
from .outputs_and_losses import check_outputs
from .sources import as_source, length_of
from .tracker import LogsSoFar, Tracker
from .validation import Validation, warn_of_no_validation, with_validation


class Trainer(Network):
    """A network with an optimizer, losses and metrics."""

    optimizer: Any = None
    losses: Sequence[Any] = ()
    loss_weights: Sequence[float] = ()
    metrics: Sequence[MetricCollection] = ()
    stop_training = stop_evaluating = stop_predicting = False

    def compile(
        self,
        optimizer: OptimizerLike = "rmsprop",
        loss: LossLike | Sequence[LossLike] = None,
        loss_weights: Any = None,
        metrics: MetricLike | Sequence[object] | None = None,
        weighted_metrics: Any = None,
        run_eagerly: bool = False,
        steps_per_execution: int = 1,
        jit_compile: bool | str = "auto",
        auto_scale_loss: bool = True,
        **unknown: object,
    ) -> None:
        """Choose how to train.

        Args:
            optimizer: Name or object.
            loss: Name, object, or with several outputs a list or a dict by output names; a single one is that of each
                output.
            loss_weights: With several outputs, the factor of each one's loss in the sum; 1 when not given.
            metrics: Names or objects; with several outputs a list of lists or a dict by output names. Sample and class
                weights do not enter them.
            weighted_metrics: The same, of those that sample and class weights do enter.
            run_eagerly: Either value: every step is run as it stands.
            steps_per_execution: 1.
            jit_compile: False or 'auto'; `tinyseg.set_backend` says what is compiled.
            auto_scale_loss: Either value: there are no 16-bit floats whose gradients would have to be scaled.
            unknown: None.

        Raises:
            InvalidInput: An unknown name, not as many losses as outputs, or what tinyseg does not do.
        """
        if unknown:
            raise unknown_arguments(Trainer.compile, unknown)
        check_how_it_is_run(run_eagerly, steps_per_execution, jit_compile, auto_scale_loss)
        self.optimizer = optimizers.get(optimizer)
        if isinstance(self.optimizer, optimizers.LayerRates):
            self.optimizer.check_layers(self.parameters)
        group = loss if isinstance(loss, (Mapping, list, tuple)) else [loss] * len(self.outputs)
        self.losses = [None if item is None else losses.get(item) for item in self.per_output("loss", group)]
        self.loss_weights = [loss_factor(weight) for weight in self.per_output("loss_weights", loss_weights)]
        groups = zip(
            self._metric_groups("metrics", metrics),
            self._metric_groups("weighted_metrics", weighted_metrics),
            self.losses,
            strict=True,
        )
        self.metrics = [MetricCollection(group, weighted, loss) for group, weighted, loss in groups]
        check_apart(self.metrics)
        check_outputs(self.label, self.outputs, self.losses)

    def _metric_groups(self, what: str, metrics: object) -> list[list[Any]]:
        """Return one list of metrics per output; with a single output a list is that of its metrics."""
        several = isinstance(metrics, Mapping) or len(self.outputs) > 1
        groups = self.per_output(what, metrics) if several else [metrics]
        return [[] if group is None else list(as_sequence(group)) for group in groups]

    @property
    def directions(self) -> dict[str, str | None]:
        """What is better for each entry of the logs: 'min' for losses, for a metric what it says.

        None when it says nothing.
        """
        known: dict[str, str | None] = {"loss": "min"}
        if not self.single_output:
            known |= {f"{name}_loss": "min" for name, loss in zip(self.output_names, self.losses, strict=False) if loss}
        for name, collection in zip(self.output_names, self.metrics, strict=False):
            prefix = "" if self.single_output else f"{name}_"
            known |= {f"{prefix}{key}": direction for key, direction in collection.directions().items()}
        return known

    @property
    def metrics_names(self) -> list[str]:
        """Names of what `evaluate` returns, in its order."""
        return list(self.directions)

    @property
    def output_names(self) -> list[str]:
        """Names of the layers that give the outputs."""
        return [tensor.name for tensor in self.outputs]

    def per_output(self, what: str, given: object) -> list[Any]:
        """Return one entry per output from a dict by names, a list, or a single one for a single output."""
        if isinstance(given, Mapping):
            return self._by_output_name(what, given)
        group = [given] * len(self.outputs) if given is None else list(as_sequence(given))
        if len(group) != len(self.outputs):
            expected = f"{len(self.outputs)} (outputs {self.output_names})"
            raise InvalidInput(f"{self.label}: {what}: expected {expected}, got {len(group)}")
        return group

    def _by_output_name(self, what: str, given: Mapping[str, Any]) -> list[Any]:
        """Return the entries of a dict in the order of the outputs; None for those that it does not name."""
        for name in given:
            if name not in self.output_names:
                raise unknown_name(f"output in {what}", name, self.output_names)
        return [given.get(name) for name in self.output_names]

    def to_backend(self) -> None:
        """Bring parameters, state and the optimizer's slots to where the backend in use computes."""
        super().to_backend()
        if self.optimizer is not None:
            self.optimizer.slot_arrays = {key: to_backend(a) for key, a in self.optimizer.slot_arrays.items()}

    # One step --------------------------------------------------------------------------------------------------------

    def train_step(self, x: Any, y: Any, sample_weight: Any = None) -> tuple[list[Any], list[Array]]:
        """Learn from one batch: forward, loss, backward, update.

        Returns:
            The loss (with several outputs: the weighted sum, then each) and the outputs that it was computed from.
            On a GPU all of them stay there: a loss is an array without axes, and `float(loss)` waits for it.
        """
        y_pred, cache = self.forward(x, training=True)
        loss, dy = self.loss_and_gradient(y, y_pred, sample_weight)
        self.update_state(cache)  # after the loss: labels that it refuses leave the model as it was
        _, gradients = self.backward(dy, cache, need_dx=False, release=True)
        self.optimizer.apply(self.trainable_parameters, penalized(self, gradients) if self.regularizers else gradients)
        return loss, list(as_sequence(y_pred))

    def loss_and_gradient(
        self, y: Any, y_pred: Any, sample_weight: Any, gradient: bool = True
    ) -> tuple[list[Any], Any]:
        """Return ([loss], gradient by the output), or for several outputs ([sum, each...], gradients)."""
        values, gradients = [], []
        targets, weights = self.per_output("y", y), self.per_output("sample_weight", sample_weight)
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
        total = sum(map(mul, self.loss_weights, values), penalty(self) if self.regularizers else 0.0)
        return ([total], gradients[0] if gradient else None) if self.single_output else ([total, *values], gradients)

    def _check_batch(self, batch: Batch, class_weight: Mapping[int, float] | None = None) -> Batch:
        """Refuse what would fail later or never (no loss, no labels, NaN); turn class weights into sample weights."""
        x, y, weight = batch
        if self.optimizer is None or y is None or all(loss is None for loss in self.losses):
            raise cannot_train(self)
        for what, part in (("the input contains", x), ("the labels contain", y), ("sample_weight contains", weight)):
            for array in arrays_in(part):
                if is_device_array(array) or array.dtype.kind in "iub":
                    continue  # looking at what is on a device would make the host wait for it
                # A sum is one pass without a temporary; only when it is not finite is it worth looking closer.
                with np.errstate(over="ignore"):
                    suspicious = array.dtype.kind != "f" or not np.isfinite(array.sum(dtype=self.dtype))
                if suspicious:
                    refuse_infinite(self, what, array)
        if class_weight is not None:
            weight = with_class_weight(self, class_weight, y, weight)
        elif weight is not None and not (self.single_output or isinstance(weight, (list, dict))):
            weight = [weight] * len(self.outputs)  # the samples' weights, for each output
        return x, y, weight

    def _explained(
        self, x: Any, y: Any = None, weight: object = None, training: bool = True
    ) -> AbstractContextManager[None]:
        """Let a batch that does not fit into a GPU's memory be told together with the batch size that would."""
        return explained_out_of_memory(self, x, y, weight, training=training) if on_gpu() else nullcontext()

    # Many steps ------------------------------------------------------------------------------------------------------

    def fit(
        self,
        x: Any = None,
        y: Any = None,
        batch_size: int | None = None,
        epochs: int = 1,
        verbose: str | int = "auto",
        callbacks: Callback | Sequence[Callback] | None = None,
        validation_split: float = 0.0,
        validation_data: object = None,
        shuffle: object = UNSAID,
        class_weight: Mapping[int, float] | None = None,
        sample_weight: Any = None,
        initial_epoch: int = 0,
        steps_per_epoch: int | None = None,
        validation_steps: int | None = None,
        validation_batch_size: int | None = None,
        validation_freq: int | Sequence[int] = 1,
        **unknown: object,
    ) -> History:
        """Train for a number of epochs.

        Args:
            x: Arrays (any library's; a list, a dict), or a sequence, generator or DataLoader of (x, y[, sample_weight]).
            y: Labels, when x is an array.
            batch_size: Samples per step, 32 when None; only for arrays.
            epochs: The epoch to stop at (counted from 0, so with `initial_epoch` fewer are run).
            verbose: 'auto' or 1 shows progress, 2 prints a line per epoch, 0 is silent.
            callbacks: Objects from `tinyseg.callbacks`, one or a list.
            validation_split: Last part of the arrays to validate on instead of training, without validation_data.
            validation_data: (x_val, y_val), (x_val, y_val, sample_weight), or batches as for x.
            shuffle: Whether to draw a new order of samples (of a sequence: batches) each epoch; None: arrays only.
            class_weight: Weight of each class in the loss: {class id: weight}; 1 for those not named.
            sample_weight: Weight of each sample (N,), or of each label, such as (N, H, W).
            initial_epoch: Epoch to begin with.
            steps_per_epoch: Batches per epoch; the next epoch goes on where this one stopped.
            validation_steps: Batches per validation, the first, or a generator's next. Without one: only a warning.
            validation_batch_size: Samples per validation batch; `batch_size` when None.
            validation_freq: Epochs from one validation to the next, or a list of the epochs (from 1) to validate after.
            unknown: None.

        Returns:
            A History whose `history` maps 'loss', metrics and 'val_...' to one number per epoch.

        Raises:
            InvalidInput: Data that do not fit the model or the loss, or an argument that cannot be obeyed.
        """
        if unknown:
            raise unknown_arguments(Trainer.fit, unknown)
        epochs, self.resume_at_epoch = as_count("epochs", epochs, 0), as_count("initial_epoch", initial_epoch, 0)
        source = as_source(
            x, y, sample_weight, batch_size=batch_size, shuffle=shuffle, seed=new_seed(), steps=steps_per_epoch, training=True, inputs=len(self.inputs)
        )  # fmt: skip
        validation: Validation | None = None
        if validation_data is not None or validation_split not in (None, 0):
            source, validation = with_validation(
                source, validation_data, validation_split, batch_size=batch_size, validation_batch_size=validation_batch_size,
                steps=validation_steps, freq=validation_freq, inputs=len(self.inputs),
            )  # fmt: skip
        elif not (validation_steps is validation_batch_size is None and str(validation_freq) == "1"):
            warn_of_no_validation(validation_steps, validation_batch_size, validation_freq)
        self.to_backend()
        watchers = CallbackList(
            callbacks, add_history=True, add_progbar=verbose != 0, model=self, verbose=verbose, epochs=epochs, steps=length_of(source),
            validates=validation is not None,
        )  # fmt: skip
        self.history, self.stop_training = watchers.history, False
        watchers.on_train_begin()
        logs: dict[str, float] = {}
        for epoch in range(self.resume_at_epoch, epochs):
            if self.stop_training:
                break
            watchers.on_epoch_begin(epoch)
            logs = self._train_epoch(source, epoch, class_weight, watchers)
            if validation is not None and validation.due(epoch):
                tested = self._evaluate(validation.source, watchers)
                logs |= {f"val_{name}": value for name, value in tested.items()}
            watchers.on_epoch_end(epoch, logs)
        watchers.on_train_end(logs)
        return self.history

    def _train_epoch(
        self, source: BatchSource, epoch: int, class_weight: Mapping[int, float] | None, watchers: CallbackList
    ) -> dict[str, float]:
        tracker = Tracker(self)
        for k, (x, y, weight) in enumerate(self._checked_batches(source, epoch, class_weight)):
            watchers.on_train_batch_begin(k)
            with self._explained(x, y, weight):
                loss, outputs = self.train_step(x, y, weight)
                tracker.update(loss, y, outputs, weight)
            watchers.on_train_batch_end(k, LogsSoFar(tracker))
            if self.stop_training:
                break
        return tracker.results()

    def _checked_batches(
        self, source: BatchSource, epoch: int, class_weight: Mapping[int, float] | None = None
    ) -> Iterator[Batch]:
        """Yield the batches of an epoch; for a GPU the next one is copied while the current one is computed."""
        batches = (self._check_batch(raw, class_weight) for raw in source.epoch(epoch))
        return copy_ahead(batches, _host_arrays) if on_gpu() else batches

    def evaluate(
        self,
        x: Any = None,
        y: Any = None,
        batch_size: int | None = None,
        verbose: str | int = 0,
        sample_weight: Any = None,
        steps: int | None = None,
        callbacks: Callback | Sequence[Callback] | None = None,
        return_dict: bool = False,
        **unknown: object,
    ) -> Any:
        """Compute loss and metrics on data given as for `fit`; `steps` batches of them when that is given.

        `verbose` prints the results.

        Returns:
            The loss, or a list [loss, metrics...], or with `return_dict` a dict by names.
        """
        if unknown:
            raise unknown_arguments(Trainer.evaluate, unknown)
        source = as_source(x, y, sample_weight, batch_size=batch_size, steps=steps, inputs=len(self.inputs))
        watchers = CallbackList(
            [callbacks, WorkLogger.for_verbosity(verbose)],
            model=self,
            verbose=verbose,
            epochs=1,
            steps=length_of(source),
        )
        return _as_keras_returns(self._evaluate(source, watchers), return_dict)

    def _evaluate(self, source: BatchSource, watchers: CallbackList) -> dict[str, float]:
        tracker = Tracker(self)
        self.to_backend()
        self.stop_evaluating = False
        watchers.on_test_begin()
        for k, (x, y, weight) in enumerate(self._checked_batches(source, 0)):
            watchers.on_test_batch_begin(k)
            with self._explained(x, y, weight, training=False):
                outputs = self._run(x, False, None)
                y_pred = outputs[0] if self.single_output else outputs
                loss, _ = self.loss_and_gradient(y, y_pred, weight, gradient=False)
                tracker.update(loss, y, outputs, weight)
            watchers.on_test_batch_end(k, LogsSoFar(tracker))
            if self.stop_evaluating:
                break
        results = tracker.results()
        watchers.on_test_end(results)
        return results

    def predict(
        self,
        x: Any,
        batch_size: int | None = None,
        verbose: str | int = 0,
        steps: int | None = None,
        callbacks: Callback | Sequence[Callback] | None = None,
        **unknown: object,
    ) -> Any:
        """Return the outputs for data given as for `fit`, labels or not, batch by batch, as NumPy arrays.

        Of `steps` batches when that is given.
        """
        if unknown:
            raise unknown_arguments(Trainer.predict, unknown)
        source = as_source(x, batch_size=batch_size, steps=steps, inputs=len(self.inputs))
        watchers = CallbackList(
            [callbacks, WorkLogger.for_verbosity(verbose)],
            model=self,
            verbose=verbose,
            epochs=1,
            steps=length_of(source),
        )
        self.stop_predicting = False
        watchers.on_predict_begin()
        parts = []
        for k, (batch, _, _) in enumerate(source.epoch(0)):
            watchers.on_predict_batch_begin(k)
            parts.append(self._predict_batch(batch))
            watchers.on_predict_batch_end(k, {"outputs": parts[-1][0] if self.single_output else parts[-1]})
            if self.stop_predicting:
                break
        watchers.on_predict_end()
        outputs = [np.concatenate(group) for group in zip(*parts, strict=True)]
        return outputs[0] if self.single_output else outputs

    def _predict_batch(self, x: Any) -> list[Array]:
        self.to_backend()
        with self._explained(x, training=False):
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
        with self._explained(x, y, weight):
            loss, outputs = self.train_step(x, y, weight)
            tracker.update(loss, y, outputs, weight)
        return _as_keras_returns(tracker.results(), return_dict)

    def test_on_batch(self, x: Any, y: Any = None, sample_weight: Any = None, return_dict: bool = False) -> Any:
        """Compute loss and metrics of one batch without learning from it."""
        results = self._evaluate(as_source([(x, y, sample_weight)]), CallbackList())
        return _as_keras_returns(results, return_dict)

    def predict_on_batch(self, x: Any) -> Any:
        """Return the outputs for one batch, as NumPy arrays that share no memory with x."""
        x = as_arrays(x)
        outputs = [apart_from(arrays_in(x), output) for output in self._predict_batch(x)]
        return outputs[0] if self.single_output else outputs


def _host_arrays(batch: Batch) -> list[Array]:
    return [array for part in batch for array in arrays_in(part) if not is_device_array(array)]


def _as_keras_returns(results: dict[str, float], return_dict: bool) -> Any:
    if return_dict:
        return results
    return list(results.values()) if len(results) > 1 else next(iter(results.values()))
