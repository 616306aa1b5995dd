"""Models in files: what comes back is the same to the bit, what is damaged is refused, and a full disk destroys
nothing.
"""

from __future__ import annotations

import errno
import json
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import tinyseg
from tests.utils.processes import run_python
from tinyseg import layers
from tinyseg.applications import UNet
from tinyseg.layers import Conv2D, Dense, Flatten, Input
from tinyseg.losses import SparseCategoricalCrossentropy
from tinyseg.metrics import MeanIoU, SparseCategoricalAccuracy
from tinyseg.models import Model, Sequential, load_model, plain_safetensors
from tinyseg.optimizers import SGD, Adam, AdamW, Optimizer, RMSprop, schedules

from . import tensor_files
from .networks import CLASSES, IMAGE, assert_same_arrays, classifier, images, masks, segmenter, weights_of


def message(function: Callable[..., Any], *arguments: Any, **options: Any) -> str:
    """Return the text of the InvalidInput that a call must raise."""
    with pytest.raises(tinyseg.InvalidInput) as caught:
        function(*arguments, **options)
    return str(caught.value)


@pytest.mark.parametrize(
    "optimizer",
    [
        SGD(0.05, momentum=0.9, nesterov=True),
        Adam(schedules.CosineDecay(0.01, 30)),
        AdamW(0.01, clipnorm=1.0),
        RMSprop(0.001, momentum=0.5, centered=True),
    ],
    ids=lambda optimizer: type(optimizer).__name__,
)
def test_a_loaded_model_goes_on_to_the_bit(optimizer: Optimizer, tmp_path: Path) -> None:
    x, y = images(30)
    model = classifier(dropout=0.3)
    loss = SparseCategoricalCrossentropy(class_weight={1: 2.0})
    model.compile(optimizer, loss, metrics=["accuracy"])
    model.fit(x, y, epochs=2, batch_size=8, verbose=0)
    model.save(tmp_path / "model.tinyseg")
    again = load_model(tmp_path / "model.tinyseg")
    np.testing.assert_array_equal(again.predict(x), model.predict(x))
    assert_same_arrays(again.optimizer.state(), model.optimizer.state())
    assert again.optimizer.get_config() == model.optimizer.get_config()
    assert again.evaluate(x, y) == model.evaluate(x, y)
    histories = [m.fit(x, y, epochs=3, batch_size=8, shuffle=False, verbose=0).history for m in (model, again)]
    assert histories[0] == histories[1]
    assert_same_arrays(weights_of(again), weights_of(model))


def several() -> Model:
    a, b = Input((4, 4, 2), name="a"), Input((3,), name="b")
    shared = Conv2D(2, 3, padding="same", name="shared")
    seen = layers.Add(name="add")([shared(a), shared(layers.ReLU(name="re")(shared(a)))])
    joined = layers.Concatenate(name="join")([Flatten(name="flat")(seen), Dense(2, name="small")(b)])
    return Model([a, b], [Dense(2, name="u")(joined), seen], name="several")


def nested() -> Model:
    inputs = Input(IMAGE)
    inner = Sequential([Conv2D(3, 2), layers.BatchNormalization(), layers.ReLU()], name="inner")
    model = Model(inputs, Dense(2)(Flatten()(inner(inputs))))
    inner.get_layer(index=1).trainable = False
    return model


def in_float64() -> Model:
    return classifier(dtype="float64")


def frozen() -> Model:
    model = classifier()
    model.get_layer("conv").trainable = False
    return model


def single_output_in_a_list() -> Model:
    inputs = Input((3,))
    return Model([inputs], [Dense(2)(inputs)])


def unet() -> Model:
    return UNet((None, None, 2), classes=3, filters=2, depth=1, dropout=0.2)


@pytest.mark.parametrize("make", [several, nested, in_float64, frozen, single_output_in_a_list, unet, segmenter])
def test_every_kind_of_network_comes_back(make: Callable[[], Model], tmp_path: Path) -> None:
    model = make()
    rng = np.random.default_rng(0)
    x = [rng.standard_normal((3, *(6 if n is None else n for n in tensor.shape[1:]))) for tensor in model.inputs]
    data = x if model.several_inputs else x[0]
    model.update_state(model.forward(data, True)[1])
    model.save(tmp_path / "model.tinyseg")
    again = load_model(tmp_path / "model.tinyseg")
    assert_same_arrays(weights_of(again), weights_of(model))
    assert again.name == model.name
    assert again.dtype == model.dtype
    assert [layer.name for layer in again.layers] == [layer.name for layer in model.layers]
    assert set(again.trainable_parameters) == set(model.trainable_parameters)
    assert [t.shape for t in again.outputs] == [t.shape for t in model.outputs]
    assert again.single_output == model.single_output
    found, expected = again.predict(data), model.predict(data)
    for a, b in zip(found, expected, strict=True) if isinstance(expected, list) else [(found, expected)]:
        np.testing.assert_array_equal(a, b)
        assert a.dtype == b.dtype
    assert again.optimizer is None


def test_training_setup_of_several_outputs_comes_back(tmp_path: Path) -> None:
    model = several()
    model.compile("adam", {"u": "mse"}, {"u": 0.25}, {"u": ["mae"], "add": ["mse"]})
    rng = np.random.default_rng(0)
    x = [rng.standard_normal((5, 4, 4, 2)), rng.standard_normal((5, 3))]
    y = [rng.standard_normal((5, 2)), rng.standard_normal((5, 4, 4, 2))]
    model.fit(x, y, verbose=0)
    model.save(tmp_path / "m")
    again = load_model(tmp_path / "m")
    assert again.evaluate(x, y, return_dict=True) == model.evaluate(x, y, return_dict=True)
    assert load_model(tmp_path / "m", compile=False).optimizer is None
    model.save(tmp_path / "m", include_optimizer=False)
    assert load_model(tmp_path / "m").optimizer is None


def test_metrics_of_segmentation_come_back(tmp_path: Path) -> None:
    x, y = masks(6)
    y = y.copy()
    y[0] = 255
    model = segmenter()
    metrics = [SparseCategoricalAccuracy(ignore_class=255), MeanIoU(CLASSES, ignore_class=255, empty="one")]
    model.compile("sgd", SparseCategoricalCrossentropy(ignore_class=255), metrics=metrics)
    model.save(tmp_path / "m")
    again = load_model(tmp_path / "m")
    assert again.evaluate(x, y, return_dict=True) == model.evaluate(x, y, return_dict=True)


class Twice(layers.Layer):
    """A layer of a user's own."""

    def forward(self, x: Any, training: bool = False) -> tuple[Any, Any]:
        return 2 * x, None

    def backward(self, dy: Any, cache: Any, need_dx: bool = True) -> tuple[Any, dict[str, Any]]:
        return 2 * dy, {}


def test_layers_of_ones_own(tmp_path: Path) -> None:
    inputs = Input((3,))
    model = Model(inputs, Twice()(Dense(2)(inputs)))
    model.save(tmp_path / "m")
    text = message(load_model, tmp_path / "m")
    assert str(tmp_path / "m") in text
    assert "unknown layer class" in text
    assert "'Twice'" in text
    assert "custom_objects" in text
    again = load_model(tmp_path / "m", custom_objects={"Twice": Twice})
    x = np.ones((2, 3))
    np.testing.assert_array_equal(again.predict(x), model.predict(x))
    assert "expected a class of layers" in message(load_model, tmp_path / "m", custom_objects={"Twice": dict})


# Weights by name -----------------------------------------------------------------------------------------------------


def test_weights_alone(tmp_path: Path) -> None:
    x, _ = images(5)
    model, other = classifier(), classifier()
    model.update_state(model.forward(x, True)[1])
    model.save_weights(tmp_path / "w")
    assert other.load_weights(tmp_path / "w") == []
    assert_same_arrays(weights_of(other), weights_of(model))
    again = classifier()
    model.compile("adam", "mse")
    model.save(tmp_path / "m")
    assert again.load_weights(tmp_path / "m") == []
    assert_same_arrays(weights_of(again), weights_of(model))
    assert "weights alone are read with model.load_weights" in message(load_model, tmp_path / "w")


def test_weights_of_another_network(tmp_path: Path) -> None:
    """What fits is taken, what does not is told; without leave nothing is taken at all."""
    source = classifier()
    source.save_weights(tmp_path / "w")
    inputs = Input(IMAGE)
    x = Conv2D(4, 3, padding="same", name="conv")(inputs)
    x = layers.BatchNormalization(name="other_norm")(x)
    target = Model(inputs, Dense(5, name="top")(Flatten()(x)), name="target")
    before = weights_of(target)
    text = message(target.load_weights, tmp_path / "w")
    assert "skip_mismatch=True" in text
    assert str(tmp_path / "w") in text
    assert_same_arrays(weights_of(target), before)
    skipped = target.load_weights(tmp_path / "w", skip_mismatch=True)
    assert skipped == sorted(skipped)
    assert set(skipped) == {
        *(f"norm/{name}: not in the model" for name in ("gamma", "beta", "moving_mean", "moving_variance")),
        *(f"other_norm/{name}: not in the file" for name in ("gamma", "beta", "moving_mean", "moving_variance")),
        "drop/step: not in the model",
        "top/kernel: shape (48, 3) in the file, (192, 5) in the model",
        "top/bias: shape (3,) in the file, (5,) in the model",
    }
    after = weights_of(target)
    np.testing.assert_array_equal(after["conv/kernel"], source.get_layer("conv").parameters["kernel"])
    assert_same_arrays(
        {k: v for k, v in after.items() if not k.startswith("conv/")},
        {k: v for k, v in before.items() if not k.startswith("conv/")},
    )
    stranger = Sequential([Input((2,)), Dense(2, name="stranger")])
    assert "nothing in it fits" in message(stranger.load_weights, tmp_path / "w", skip_mismatch=True)


# Damaged files -------------------------------------------------------------------------------------------------------


def saved(path: Path) -> bytes:
    """Save a compiled model and return the file's content."""
    model = classifier()
    model.compile("adam", "mse")
    model.save(path)
    return path.read_bytes()


@pytest.mark.parametrize("share", [0.0, 0.0001, 0.01, 0.3, 0.9, 0.999])
def test_truncated_files_are_refused(share: float, tmp_path: Path) -> None:
    path = tmp_path / "model.tinyseg"
    content = saved(path)
    path.write_bytes(content[: int(share * len(content))])
    for read in (load_model, classifier().load_weights):
        text = message(read, path)
        assert str(path) in text
        assert "corrupt or truncated" in text


@pytest.mark.parametrize(
    "garbage", [b"hello", b"\x00" * 4096, b"\xff" * 4096, b"PK\x03\x04" + b"a" * 99, b"\x89HDF\r\n\x1a\n" + b"b" * 99]
)
def test_garbage_is_refused(garbage: bytes, tmp_path: Path) -> None:
    path = tmp_path / "model.tinyseg"
    path.write_bytes(garbage)
    assert str(path) in message(load_model, path)
    assert str(path) in message(classifier().load_weights, path)


@pytest.mark.parametrize("seed", range(40))
def test_a_flipped_byte_in_the_header_is_refused_or_harmless(seed: int, tmp_path: Path) -> None:
    """Whatever stands in the header, the answer is a model or an InvalidInput that names the file, never a stray
    error.
    """
    path = tmp_path / "model.tinyseg"
    content = bytearray(saved(path))
    rng = np.random.default_rng(seed)
    header = int.from_bytes(content[:8], "little")
    for place in rng.integers(0, 8 + header, 1 + seed % 3):
        content[place] = rng.integers(32, 127)
    path.write_bytes(bytes(content))
    try:
        load_model(path)
    except tinyseg.InvalidInput as error:
        assert str(path) in str(error)  # noqa: PT017  the other outcome is right too


def test_missing_files_and_folders(tmp_path: Path) -> None:
    assert message(load_model, tmp_path / "none") == f"{tmp_path / 'none'}: no such file"
    assert "got a folder" in message(load_model, tmp_path)


class _Bomb:
    def __reduce__(self) -> tuple[Any, ...]:
        return (Path("bomb-went-off").write_text, ("boom",))


def test_pickles_are_never_executed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name, content in (("plain", pickle.dumps(_Bomb())), ("npz", b"")):
        path = tmp_path / name
        if name == "npz":
            np.savez(path, a=np.array([_Bomb()], dtype=object))
            path = path.with_suffix(".npz")
        else:
            path.write_bytes(content)
        message(load_model, path)
        message(classifier().load_weights, path)
    assert not (tmp_path / "bomb-went-off").exists()


def edited(path: Path, change: Callable[[dict[str, np.ndarray], dict[str, str]], None]) -> Path:
    """Save a model, change its arrays or its metadata, and write it back."""
    saved(path)
    tensors = tensor_files.load_file(path)
    length = int.from_bytes(path.read_bytes()[:8], "little")
    metadata = json.loads(path.read_bytes()[8 : 8 + length])["__metadata__"]
    del metadata["checksum"]  # which would refuse any change
    change(tensors, metadata)
    tensor_files.save_file(tensors, path, metadata)
    return path


def replace_in_model(old: str, new: str) -> Callable[[dict[str, np.ndarray], dict[str, str]], None]:
    """Return a change of the architecture's text."""

    def change(tensors: dict[str, np.ndarray], metadata: dict[str, str]) -> None:
        assert old in metadata["model"]
        metadata["model"] = metadata["model"].replace(old, new)

    return change


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda t, m: t.pop("parameters/conv/kernel"), "array 'parameters/conv/kernel' is missing"),
        (lambda t, m: t.update({"parameters/top/bias": np.ones(4, "f4")}), (r"expected shape (3,) and float32, got "
            r"(4,)")),
        (lambda t, m: t.update({"parameters/top/bias": np.ones(3)}), "float32, got (3,) and float64"),
        (lambda t, m: m.update(version="2"), "version '2' is not known"),
        (lambda t, m: m.update(format="other"), "not a tinyseg model"),
        (lambda t, m: m.pop("model"), "not a tinyseg model"),
        (lambda t, m: m.update(model="{"), "damaged"),
        (lambda t, m: m.update(model="[]"), "damaged"),
        (lambda t, m: m.update(model="{}"), "damaged"),
        (lambda t, m: m.update(training="[]"), "damaged"),
        (replace_in_model('"Conv2D"', '"Conv3D"'), "did you mean 'Conv2D'"),
        (replace_in_model('"Conv2D"', '"__import__"'), "unknown layer class"),
        (replace_in_model('"filters": 4', '"filters": -4'), "filters"),
        (replace_in_model('"filters"', '"filtrs"'), "damaged"),
        (replace_in_model('"filters": 4', '"filters": 5'), "expected shape"),
        (replace_in_model('"inputs": [0]', '"inputs": [99]'), "damaged"),
    ],
)  # fmt: skip
def test_edited_files_are_refused(change: Callable[..., None], expected: str, tmp_path: Path) -> None:
    path = edited(tmp_path / "model.tinyseg", change)
    text = message(load_model, path)
    assert str(path) in text
    assert expected in text


@pytest.mark.parametrize("kind", ["model", "weights", "checkpoint"])
def test_files_of_a_later_version_are_refused_and_change_nothing(kind: str, tmp_path: Path) -> None:
    model = classifier()
    model.compile("adam", "mse")
    path = tmp_path / "later.safetensors"
    {"model": model.save, "weights": model.save_weights, "checkpoint": lambda p: model.save_checkpoint(p, {}, {})}[
        kind
    ](path)
    tensors = {key: np.asarray(array + 1) for key, array in tensor_files.load_file(path).items()}
    length = int.from_bytes(path.read_bytes()[:8], "little")
    metadata = json.loads(path.read_bytes()[8 : 8 + length])["__metadata__"]
    del metadata["checksum"]
    tensor_files.save_file(tensors, path, {**metadata, "version": "9"})
    before = weights_of(model)
    read = {"model": load_model, "weights": model.load_weights, "checkpoint": model.load_checkpoint}[kind]
    assert "file version '9' is not known, expected '1'; update tinyseg" in message(read, path)
    assert_same_arrays(weights_of(model), before)


def test_a_flipped_bit_is_noticed_wherever_it_is(tmp_path: Path) -> None:
    path = tmp_path / "model.tinyseg"
    saved(path)
    whole = path.read_bytes()
    length = int.from_bytes(whole[:8], "little")
    rng = np.random.default_rng(3)
    places = [*rng.integers(8 + length, len(whole), 20), len(whole) - 1]  # in the arrays
    places += [whole.index(b'"version":"1"') + 11, whole.index(b"checksum") + 12]  # and in the texts
    for place in places:
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        text = message(load_model, path)
        assert "does not fit its checksum" in text
        assert str(path) in text


def test_a_file_without_a_checksum_is_taken_as_it_is(tmp_path: Path) -> None:
    path = edited(tmp_path / "model.tinyseg", lambda tensors, metadata: None)
    assert load_model(path).count_params()


def test_other_safetensors_files_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "other.safetensors"
    tensor_files.save_file({"a": np.ones(3)}, path)
    assert "not a tinyseg model" in message(load_model, path)
    assert "not a tinyseg weights file" in message(classifier().load_weights, path)


# Writing -------------------------------------------------------------------------------------------------------------


def test_a_failing_write_leaves_the_old_file_and_nothing_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "model.tinyseg"
    content = saved(path)

    def half(tensors: Any, filename: Any, metadata: Any = None) -> None:
        Path(filename).write_bytes(b"half a file")
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(plain_safetensors if tensor_files.package is None else tensor_files.package, "save_file", half)
    for write in (classifier().save, classifier().save_weights):
        with pytest.raises(OSError, match="No space left") as caught:
            write(path)
        assert caught.value.errno == errno.ENOSPC
        assert str(path) in str(caught.value)
    assert path.read_bytes() == content
    assert list(tmp_path.iterdir()) == [path]


def test_a_real_limit_on_the_size_of_files_leaves_the_old_file(tmp_path: Path) -> None:
    """The system itself refuses to write on, as on a full disk."""
    path = tmp_path / "model.tinyseg"
    content = saved(path)
    program = """
        import resource, signal, sys
        from tinyseg.layers import Dense, Input
        from tinyseg.models import Sequential
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        model = Sequential([Input((300,)), Dense(400)])
        resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, 50_000))
        try:
            model.save(sys.argv[1])
        except OSError as error:
            print(error)
        else:
            print("no error")
    """
    done = run_python(program, str(path))
    assert f"cannot write {path}: " in done.stdout, done.stderr
    assert path.read_bytes() == content
    assert list(tmp_path.iterdir()) == [path]


def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("a file, not a folder")
    with pytest.raises(OSError, match="file"):
        classifier().save(blocked / "model.tinyseg")
    with pytest.raises(OSError, match="cannot write"):
        classifier().save(tmp_path)
    assert list(tmp_path.iterdir()) == [blocked]


def test_folders_are_made_and_paths_may_be_text(tmp_path: Path) -> None:
    path = f"{tmp_path}/a/b/model.tinyseg"
    classifier().save(path)
    assert load_model(path).name == "classifier"
