"""Weights of a network whose layers have other automatic names: every notebook runs a cell twice.

Never a layer with another one's bias.
"""

from __future__ import annotations

import warnings
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import tinyseg
from tests.utils.processes import run_python
from tinyseg.callbacks import BackupAndRestore, ModelCheckpoint
from tinyseg.layers import BatchNormalization, Conv2D, Dense, Dropout, Flatten, Input, ReLU
from tinyseg.models import Model, Sequential, load_model

from .networks import assert_same_arrays, classifier, weights_of
from .test_bad_input import message

IMAGE = (6, 5, 2)


def network(classes: int = 3, dropout: bool = True, hidden: int = 4) -> Model:
    """A network in which nobody gave a name; the two convolutions and their biases have the same shapes."""
    tinyseg.utils.set_random_seed(7)  # Dropout draws its seed when it is made
    x = inputs = Input(IMAGE)
    for _ in range(2):
        x = Conv2D(2, 3, padding="same")(x)
        x = ReLU()(BatchNormalization()(x))
    if dropout:
        x = Dropout(0.1)(x)
    model = Model(inputs, Dense(classes, activation="softmax")(Dense(hidden)(Flatten()(x))))
    model.compile("adam", "sparse_categorical_crossentropy")
    for k, array in enumerate(model.weights):
        array[...] = np.random.default_rng(k).random(array.shape)
    return model


def data() -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    return rng.random((6, *IMAGE), np.float32), rng.integers(0, 3, 6)


@pytest.mark.parametrize("whole", [False, True])
def test_a_second_network_takes_them_in_order(whole: bool, tmp_path: Path) -> None:
    one, two = network(), network()
    two.set_weights([array + 1 for array in two.get_weights()])
    (one.save if whole else one.save_weights)(tmp_path / "w")
    with warnings.catch_warnings(action="error"):
        assert two.load_weights(tmp_path / "w") == []
    for a, b in zip(one.get_weights(), two.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)


def test_names_that_overlap_do_not_decide(tmp_path: Path) -> None:
    """conv2d_1 is the second of one network and the first of the next: the same name, and shapes that fit."""
    tinyseg.utils.clear_session()
    one = Sequential([Input((4,)), Dense(4), Dense(4)])
    tinyseg.utils.clear_session()
    Dense(1)
    two = Sequential([Input((4,)), Dense(4), Dense(4)])
    assert one.layers[-1].name == two.layers[-2].name
    one.save_weights(tmp_path / "w")
    for skip in (False, True):
        two.load_weights(tmp_path / "w", skip_mismatch=skip)
        for a, b in zip(one.get_weights(), two.get_weights(), strict=True):
            np.testing.assert_array_equal(a, b)


def test_another_head(tmp_path: Path) -> None:
    one, two = network(3), network(5)
    one.save_weights(tmp_path / "w")
    before = two.get_weights()
    text = message(two.load_weights, tmp_path / "w")
    assert "skip_mismatch" in text
    assert f"(for {two.layers[-1].name}/kernel): shape (4, 3) in the file, (4, 5) in the model" in text
    for a, b in zip(before, two.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)
    skipped = two.load_weights(tmp_path / "w", skip_mismatch=True)
    assert len(skipped) == 2
    for a, b, old in zip(one.get_weights(), two.get_weights(), before, strict=True):
        np.testing.assert_array_equal(b, a if a.shape == b.shape else old)


def test_a_layer_is_taken_whole_or_not_at_all(tmp_path: Path) -> None:
    """The bias would fit, but it is that of another kernel."""
    one, two = network(hidden=4), network(hidden=7)
    one.save_weights(tmp_path / "w")
    two.layers[-1].parameters["bias"][...] = 5.0
    skipped = two.load_weights(tmp_path / "w", skip_mismatch=True)
    np.testing.assert_array_equal(two.layers[-1].parameters["bias"], np.full(3, 5.0))
    assert f"{two.layers[-1].name}/bias: fits, but is left with the rest of its layer" in skipped


@pytest.mark.parametrize("skip", [False, True])
def test_other_classes(skip: bool, tmp_path: Path) -> None:
    """As far as the classes agree, with a warning; and only when asked for."""
    one, two = network(), Sequential([Input(IMAGE), Conv2D(2, 3, padding="same"), Conv2D(2, 3, padding="same")])
    one.save_weights(tmp_path / "w")
    before = weights_of(two)
    if not skip:
        text = message(two.load_weights, tmp_path / "w")
        assert "matched in their order, and these are conv2d" in text
        assert_same_arrays(weights_of(two), before)
        return
    with pytest.warns(UserWarning, match=r"matched in their order .*name the layers") as caught:
        two.load_weights(tmp_path / "w", skip_mismatch=True)
    assert caught[0].filename == __file__
    np.testing.assert_array_equal(two.layers[0].parameters["kernel"], one.layers[1].parameters["kernel"])
    for name, array in two.layers[1].parameters.items():
        np.testing.assert_array_equal(array, before[f"{two.layers[1].name}/{name}"])


def test_names_and_order_that_say_different_things(tmp_path: Path) -> None:
    models = []
    for backwards in (False, True):
        tinyseg.utils.clear_session()
        x = inputs = Input((4,))
        for layer in [Dense(4), Dense(4)][:: -1 if backwards else 1]:
            x = layer(x)
        models.append(Model(inputs, x))
    models[0].save_weights(tmp_path / "w")
    assert "name the layers" in message(models[1].load_weights, tmp_path / "w")


def test_given_names_are_matched_by_name(tmp_path: Path) -> None:
    one = Sequential([Input((4,)), Dense(4, name="a"), Dense(4, name="b"), Dense(4)])
    two = Sequential([Input((4,)), Dense(4, name="b"), Dense(4, name="a"), Dense(4)])
    one.save_weights(tmp_path / "w")
    assert two.load_weights(tmp_path / "w") == []
    for name in ("a", "b"):
        np.testing.assert_array_equal(
            two.get_layer(name).parameters["kernel"], one.get_layer(name).parameters["kernel"]
        )
    np.testing.assert_array_equal(two.layers[-1].parameters["kernel"], one.layers[-1].parameters["kernel"])


def test_networks_within(tmp_path: Path) -> None:
    def nested() -> Model:
        inputs = Input(IMAGE)
        inner = Sequential([Conv2D(2, 1), BatchNormalization()])
        return Model(inputs, Dense(2)(Flatten()(inner(inputs))))

    one, two = nested(), nested()
    one.save_weights(tmp_path / "w")
    assert two.load_weights(tmp_path / "w") == []
    for a, b in zip(one.get_weights(), two.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)


def test_dropout_that_was_taken_out_moves_no_weights(tmp_path: Path) -> None:
    one, two = network(dropout=True), network(dropout=False)
    one.save_weights(tmp_path / "w")
    (skipped,) = two.load_weights(tmp_path / "w", skip_mismatch=True)
    assert "step: not in the model" in skipped
    for a, b in zip(one.get_weights(), two.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)


def test_a_backup_goes_on_in_a_second_network(tmp_path: Path) -> None:
    """To the bit, the optimizer's moving averages included."""
    x, y = data()

    def run(model: Model, epochs: int, folder: str) -> list[float]:
        tinyseg.utils.set_random_seed(1)
        backup = BackupAndRestore(tmp_path / folder, delete_checkpoint=False)
        options: Any = {"verbose": 0, "shuffle": False, "batch_size": 2}
        return model.fit(x, y, epochs=epochs, callbacks=[backup], **options).history["loss"]

    whole = network()
    losses = run(whole, 4, "whole")
    run(network(), 2, "parts")
    second = network()
    assert run(second, 4, "parts") == losses
    for a, b in zip(whole.get_weights(), second.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)
    other = network(5)
    assert "the checkpoint is of another model" in message(run, other, 4, "parts")


# Files ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    [
        "m.keras",
        "M.KERAS",
        "w.weights.h5",
        "m.h5",
        "m.hdf5",
        "m.tf",
        "m.pb",
        "m.pt",
        "m.pth",
        "m.onnx",
        "m.ckpt",
        "m.npz",
    ],
)
def test_no_file_has_an_ending_that_promises_something_else(name: str, tmp_path: Path) -> None:
    model = classifier()
    for write in (model.save, model.save_weights, ModelCheckpoint):
        text = message(write, tmp_path / name)
        assert str(tmp_path / name) in text
        assert ".safetensors" in text
    assert not list(tmp_path.iterdir())


def test_files_of_others_are_called_by_their_names(tmp_path: Path) -> None:
    import h5py  # comes with Keras

    files = {
        "m.keras": "Keras's archive",
        "m.pt": "PyTorch's archive",
        "m.npz": "NumPy's archive",
        "m.h5": "HDF5",
        "p": "pickle",
    }
    inside = {"m.keras": "model.weights.h5", "m.pt": "archive/data.pkl", "m.npz": "a.npy"}
    for name, member in inside.items():
        with zipfile.ZipFile(tmp_path / name, "w") as archive:
            archive.writestr(member, b"1")
    h5py.File(tmp_path / "m.h5", "w").close()
    (tmp_path / "p").write_bytes(b"\x80\x04N.")
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "saved_model.pb").write_bytes(b"")
    (tmp_path / "m.ckpt.index").write_bytes(b"")
    for name, kind in {**files, "folder": "SavedModel", "m.ckpt": "TensorFlow's checkpoint"}.items():
        for read in (load_model, classifier().load_weights):
            text = message(read, tmp_path / name)
            assert str(tmp_path / name) in text
            assert kind in text


def test_one_model_is_one_file(tmp_path: Path) -> None:
    model = network()
    contents = set()
    for k in range(6):
        model.save(tmp_path / f"m{k}")
        contents.add((tmp_path / f"m{k}").read_bytes())
    assert len(contents) == 1
    load_model(tmp_path / "m0").save(tmp_path / "again")
    assert (tmp_path / "again").read_bytes() in contents


def test_two_processes_write_the_same_bytes(tmp_path: Path) -> None:
    program = f"""
        import sys
        sys.path.insert(0, {str(Path(__file__).parents[2])!r})
        from tests.models.test_weights_by_order import network
        network().save(sys.argv[1])
    """
    for k in range(2):
        assert run_python(program, str(tmp_path / f"{k}")).returncode == 0
    assert (tmp_path / "0").read_bytes() == (tmp_path / "1").read_bytes()
