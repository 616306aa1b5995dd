"""Which hooks are called, in which order and with which logs: here and in Keras, recorded on the same training."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest

import tinyseg
from tinyseg.callbacks import HOOKS, Callback, CallbackList, EarlyStopping, History, LambdaCallback

RNG = np.random.default_rng(0)
X, Y, WEIGHT = RNG.standard_normal((10, 3)), RNG.standard_normal((10, 2)), RNG.uniform(0.5, 2, 10)
KERNEL, BIAS = RNG.standard_normal((3, 2)), RNG.standard_normal(2)

KERAS_HOOKS = [name for name in dir(keras.callbacks.Callback) if name.startswith("on_")]


def compiled(package: Any) -> Any:
    """Return the same model of either package."""
    model = package.Sequential([package.layers.Input((3,)), package.layers.Dense(2)])
    model.set_weights([KERNEL, BIAS])
    extra = {"run_eagerly": True} if package is keras else {}  # no compilation for three steps
    model.compile(package.optimizers.SGD(0.01), "mse", metrics=["mae"], weighted_metrics=["mae"], **extra)
    return model


def recorder(package: Any, stop: Any = None) -> Any:
    """Return a callback of either package that notes every hook with its arguments, and may set a flag of the model in
    one of them.
    """
    notes: list[tuple[str, Any, dict[str, Any]]] = []

    def noting(hook: str) -> Any:
        def note(*arguments: Any, logs: Any = None) -> None:
            arguments = (*arguments, logs) if logs is not None else arguments
            *number, given = arguments
            notes.append((hook, number, {key: np.asarray(value) for key, value in dict(given or {}).items()}))
            if stop is not None and (hook, *number) == stop[0]:
                setattr(callback.model, stop[1], True)

        return note

    callback = package.callbacks.Callback()
    for hook in KERAS_HOOKS:
        if hook not in ("on_batch_begin", "on_batch_end"):
            setattr(callback, hook, noting(hook))
    callback.notes = notes
    return callback


def compare(ours: Any, theirs: Any) -> None:
    """Compare two recordings: hooks, numbers, and logs."""
    assert [(hook, number) for hook, number, _ in ours.notes] == [(hook, number) for hook, number, _ in theirs.notes]
    for (hook, number, mine), (_, _, reference) in zip(ours.notes, theirs.notes, strict=True):
        assert set(mine) == set(reference), (hook, number)
        for key, value in reference.items():
            np.testing.assert_allclose(mine[key], value, rtol=2e-5, atol=1e-6, err_msg=f"{hook} {number} {key}")


RUNS: dict[str, Any] = {
    "fit": lambda m, c: m.fit(X, Y, batch_size=4, epochs=2, shuffle=False, verbose=0, callbacks=[c]),
    "fit, validated": lambda m, c: m.fit(
        X, Y, batch_size=4, epochs=3, shuffle=False, verbose=0, callbacks=[c], sample_weight=WEIGHT,
        validation_data=[X[:6], Y[:6], WEIGHT[:6]], validation_batch_size=3, validation_freq=2,
    ),
    "fit, epochs of a list": lambda m, c: m.fit(
        X, Y, batch_size=8, epochs=4, shuffle=False, verbose=0, callbacks=[c], validation_split=0.3,
        validation_freq=[1, 4]
    ),
    "fit, steps": lambda m, c: m.fit(
        X, Y, batch_size=2, epochs=2, shuffle=False, verbose=0, callbacks=[c], steps_per_epoch=2,
        validation_data=(X, Y), validation_steps=3,
    ),
    "fit, later": lambda m, c: m.fit(X, Y, batch_size=5, epochs=4, initial_epoch=2, shuffle=False, verbose=0,
        callbacks=[c]),
    "fit, no epoch": lambda m, c: m.fit(X, Y, epochs=0, verbose=0, callbacks=[c]),
    "evaluate": lambda m, c: m.evaluate(X, Y, batch_size=4, sample_weight=WEIGHT, verbose=0, callbacks=[c],
        return_dict=True),
    "evaluate, steps": lambda m, c: m.evaluate(X, Y, batch_size=3, steps=2, verbose=0, callbacks=[c], return_dict=True),
    "predict": lambda m, c: m.predict(X, batch_size=4, verbose=0, callbacks=[c]),
    "predict, steps": lambda m, c: m.predict(X, batch_size=3, steps=2, verbose=0, callbacks=[c]),
}  # fmt: skip


@pytest.mark.parametrize("run", RUNS.values(), ids=RUNS)
def test_the_same_hooks_with_the_same_logs(run: Any) -> None:
    recorders, results = [], []
    for package in (tinyseg, keras):
        recorders.append(recorder(package))
        results.append(run(compiled(package), recorders[-1]))
    assert recorders[0].notes
    compare(*recorders)
    if isinstance(results[0], History):
        assert results[0].epoch == results[1].epoch
        results = [[result.history[key] for key in sorted(results[0].history)] for result in results]
    if isinstance(results[0], dict):
        results = [[result[key] for key in sorted(results[0])] for result in results]
    for mine, reference in zip(*results, strict=True):
        np.testing.assert_allclose(mine, reference, rtol=2e-5)


STOPS = [
    (("on_train_batch_end", 1), "stop_training"), (("on_train_batch_begin", 0), "stop_training"),
    (("on_epoch_begin", 1), "stop_training"),
    (("on_epoch_end", 0), "stop_training"), (("on_test_begin",), "stop_training"),
    (("on_test_batch_end", 0), "stop_training"),
    (("on_test_end",), "stop_training"), (("on_test_batch_end", 0), "stop_evaluating"),
]  # fmt: skip


@pytest.mark.parametrize("stop", STOPS, ids=str)
def test_stopping_from_any_hook(stop: Any) -> None:
    recorders = []
    for package in (tinyseg, keras):
        recorders.append(recorder(package, stop))
        compiled(package).fit(
            X,
            Y,
            batch_size=4,
            epochs=3,
            shuffle=False,
            verbose=0,
            callbacks=[recorders[-1]],
            validation_data=(X, Y),
            validation_batch_size=4,
        )
    compare(*recorders)


def test_stopping_before_anything() -> None:
    """Keras trains one batch more.

    Here nothing is trained, which a run that had stopped before it was interrupted relies on.
    """
    calls = recorder(tinyseg, (("on_train_begin",), "stop_training"))
    compiled(tinyseg).fit(X, Y, verbose=0, callbacks=calls)
    assert [hook for hook, _, _ in calls.notes] == ["on_train_begin", "on_train_end"]


@pytest.mark.parametrize(("use", "flag"), [("evaluate", "stop_evaluating"), ("predict", "stop_predicting")])
def test_stopping_evaluate_and_predict(use: str, flag: str) -> None:
    hook = {"evaluate": "on_test_batch_end", "predict": "on_predict_batch_end"}[use]
    recorders = []
    for package in (tinyseg, keras):
        recorders.append(recorder(package, ((hook, 1), flag)))
        data = (X, Y) if use == "evaluate" else (X,)
        getattr(compiled(package), use)(*data, batch_size=2, verbose=0, callbacks=[recorders[-1]])
    compare(*recorders)


def test_one_callback_is_a_list_of_it() -> None:
    """Keras 3.15.1 calls a single object's hooks for batches from other threads, and knows no nested lists."""
    recorders = []
    for wrap in (lambda c: [c], lambda c: c, lambda c: [[c]], lambda c: (c,), CallbackList):
        recorders.append(recorder(tinyseg))
        compiled(tinyseg).fit(X, Y, 4, 2, 0, wrap(recorders[-1]), validation_data=(X, Y), shuffle=False)
        compare(recorders[-1], recorders[0])


def test_every_hook_of_keras_exists() -> None:
    assert set(KERAS_HOOKS) == set(HOOKS)
    assert all(callable(getattr(CallbackList, hook)) for hook in HOOKS)


def test_the_other_names_of_the_batch_hooks() -> None:
    calls: list[tuple[str, int]] = []

    class Old(Callback):
        def on_batch_begin(self, batch: int, logs: Any = None) -> None:
            calls.append(("begin", batch))

        def on_batch_end(self, batch: int, logs: Any = None) -> None:
            calls.append((f"end {sorted(logs)}", batch))

    compiled(tinyseg).fit(X, Y, 5, verbose=0, callbacks=Old())
    end = "end ['loss', 'mae', 'weighted_mae']"
    assert calls == [("begin", 0), (end, 0), ("begin", 1), (end, 1)]


def test_hooks_with_fewer_arguments_and_by_keyword() -> None:
    calls: list[Any] = []

    class Short(Callback):
        def on_train_begin(self) -> None:
            calls.append("begin")

        def on_epoch_begin(self, epoch: int) -> None:
            calls.append(epoch)

        def on_epoch_end(self) -> None:
            calls.append("end")

        def on_train_end(self, *arguments: Any) -> None:
            calls.append(len(arguments))

    compiled(tinyseg).fit(X, Y, verbose=0, callbacks=[Short()])
    assert calls == ["begin", 0, "end", 1]


def test_lambda_callback() -> None:
    calls: list[Any] = []
    hooks = {
        hook: (lambda *arguments, hook=hook: calls.append(hook))
        for hook in HOOKS
        if "batch_" not in hook or "_batch_" in hook[5:]
    }
    callback = LambdaCallback(**hooks)
    model = compiled(tinyseg)
    model.fit(X, Y, 10, verbose=0, validation_data=(X, Y), callbacks=callback)
    model.predict(X, callbacks=callback)
    expected = [
        "on_train_begin", "on_epoch_begin", "on_train_batch_begin", "on_train_batch_end", "on_test_begin",
        "on_test_batch_begin",
        "on_test_batch_end", "on_test_end", "on_epoch_end", "on_train_end",
        "on_predict_begin", "on_predict_batch_begin", "on_predict_batch_end", "on_predict_end",
    ]  # fmt: skip
    assert calls == expected
    losses: list[float] = []
    model.fit(
        X,
        Y,
        epochs=2,
        verbose=0,
        callbacks=LambdaCallback(on_epoch_end=lambda epoch, logs: losses.append(logs["loss"])),
    )
    assert losses == model.history.history["loss"]
    with pytest.raises(tinyseg.InvalidInput, match="on_epoch_ende'; did you mean 'on_epoch_end'"):
        LambdaCallback(on_epoch_ende=print)
    with pytest.raises(tinyseg.InvalidInput, match="on_epoch_end: expected a function, got 3"):
        LambdaCallback(on_epoch_end=3)  # type: ignore[arg-type]


def test_a_callback_list_and_a_history_of_the_callers() -> None:
    own = History()
    model = compiled(tinyseg)
    returned = model.fit(X, Y, epochs=2, verbose=0, callbacks=CallbackList([own, EarlyStopping("loss", patience=9)]))
    assert returned is own is model.history
    assert len(own.history["loss"]) == 2


def test_a_callback_list_in_a_loop_of_ones_own() -> None:
    """Keras's way to write a training loop; the same lines for both packages."""
    results = []
    for package in (tinyseg, keras):
        model, spy = compiled(package), recorder(package)
        callbacks = package.callbacks.CallbackList(
            [spy], add_history=True, add_progbar=False, model=model, epochs=2, steps=3, verbose=0
        )
        callbacks.on_train_begin()
        for epoch in range(2):
            callbacks.on_epoch_begin(epoch)
            callbacks.on_train_batch_begin(0)
            callbacks.on_train_batch_end(0, {"loss": 1.0})
            callbacks.on_epoch_end(epoch, logs={"loss": 2.0 - epoch})
        callbacks.on_train_end()
        assert spy.model is model
        assert spy.params["steps"] == 3
        results.append((spy, model.history.history if package is keras else callbacks.history.history))
    compare(results[0][0], results[1][0])
    assert results[0][1] == results[1][1]


def test_set_model_and_set_params_may_be_overridden() -> None:
    told: list[Any] = []

    class Told(Callback):
        def set_model(self, model: Any) -> None:
            super().set_model(model)
            told.append(model)

        def set_params(self, params: Any) -> None:
            super().set_params(params)
            told.append(params["epochs"])

    model = compiled(tinyseg)
    model.fit(X, Y, epochs=2, verbose=0, callbacks=Told())
    assert told == [model, 2]


@pytest.mark.parametrize(("verbose", "lines"), [(0, 0), (2, 2), ("auto", 2), (1, 2), (True, 2), (False, 0)])
def test_verbose(verbose: Any, lines: int, capsys: pytest.CaptureFixture[str]) -> None:
    model = compiled(tinyseg)
    model.fit(X, Y, epochs=2, verbose=verbose)
    assert len(capsys.readouterr().out.splitlines()) == lines
    shown = min(lines, 1)
    model.evaluate(X, Y, verbose=verbose)
    printed = capsys.readouterr().out
    assert len(printed.splitlines()) == shown
    assert ("weighted_mae: " in printed) == bool(shown)
    model.predict(X, 4, verbose=verbose)
    printed = capsys.readouterr().out
    assert printed.startswith("3 batches") == bool(shown)
