"""One-hot labels, seeds, names, dtypes, safe files, and what importing tinyseg costs."""

from __future__ import annotations

import errno
import os
import stat
import sys
import textwrap
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

import tinyseg
from tests.models.networks import assert_same_arrays, images, weights_of
from tinyseg import layers, utils
from tinyseg.models import Sequential
from tinyseg.utils import atomic_path, clear_session, set_random_seed, to_categorical
from tinyseg.utils.naming import snake_case

from .processes import run_python

# to_categorical -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", ["int64", "uint8", "float32", "bool"])
@pytest.mark.parametrize("classes", [None, 5])
@pytest.mark.parametrize("shape", [(7,), (3, 4), (2, 3, 4, 1), (5, 1), ()])
def test_to_categorical_as_keras(
    shape: tuple[int, ...], classes: int | None, dtype: str, rng: np.random.Generator
) -> None:
    ids = rng.integers(0, 2 if dtype == "bool" else 4, shape).astype(dtype)
    encoded = to_categorical(ids, classes)
    assert encoded.dtype == np.float32
    np.testing.assert_array_equal(encoded, keras.utils.to_categorical(ids, classes))


def test_to_categorical_of_nothing() -> None:
    assert to_categorical([], 4).shape == (0, 4)


@pytest.mark.parametrize(
    ("ids", "classes", "expected"),
    [
        ([0, 3], 3, "class ids from 0 to 2, got from 0 to 3"),
        ([-1, 0], None, "got from -1 to 0"),
        ([0.5], None, "whole numbers"),
        ([np.nan], 2, "whole numbers"),
        (["a"], 2, "whole numbers"),
    ],
)
def test_to_categorical_refuses(ids: Any, classes: int | None, expected: str) -> None:
    with pytest.raises(tinyseg.InvalidInput, match=f"to_categorical: .*{expected}"):
        to_categorical(ids, classes)


# Seeds ----------------------------------------------------------------------------------------------------------------


def train(seed: int) -> tuple[dict[str, np.ndarray], dict[str, list[float]]]:
    """Train a network whose weights, shuffling and dropout all come from the seed."""
    set_random_seed(seed)
    clear_session()
    x, y = images(30)
    model = Sequential(
        [
            layers.Input(x.shape[1:]),
            layers.Conv2D(4, 3, kernel_initializer="he_normal"),
            layers.Flatten(),
            layers.Dropout(0.5),
            layers.Dense(3, activation="softmax"),
        ]
    )
    model.compile("adam", "sparse_categorical_crossentropy")
    history = model.fit(x, y, batch_size=8, epochs=3, validation_split=0.2, verbose=0).history
    return weights_of(model), history


def test_a_seed_makes_two_trainings_the_same_to_the_bit() -> None:
    first, second, other = train(5), train(5), train(6)
    assert first[1] == second[1]
    assert_same_arrays(first[0], second[0])
    assert all((first[0][name] != other[0][name]).any() for name in first[0] if name != "dropout/step")


def test_numpys_own_seed_is_left_alone() -> None:
    np.random.seed(1)  # noqa: NPY002  the generator that other code may use
    before = np.random.get_state()[1].copy()  # noqa: NPY002
    train(5)
    np.testing.assert_array_equal(np.random.get_state()[1], before)  # noqa: NPY002


@pytest.mark.parametrize("seed", [-1, 1.5, "a", None, True])
def test_bad_seed(seed: Any) -> None:
    with pytest.raises(tinyseg.InvalidInput, match="seed: expected an integer of at least 0"):
        set_random_seed(seed)


# Names and dtypes -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", sorted(set(layers.__all__) - {"Input", "Layer", "SymbolicTensor"}))
def test_names_as_keras_gives_them(name: str) -> None:
    assert snake_case(name) == keras.src.utils.naming.to_snake_case(name)


def test_names_count_up_and_start_again() -> None:
    clear_session()
    assert [layers.Conv2D(1, 1).name for _ in range(3)] == ["conv2d", "conv2d_1", "conv2d_2"]
    assert layers.Conv2D(1, 1, name="mine").name == "mine"
    assert layers.Dense(1).name == "dense"
    clear_session()
    assert layers.Conv2D(1, 1).name == "conv2d"


@pytest.fixture
def _floatx() -> Iterator[None]:
    before = utils.floatx()
    yield
    utils.set_floatx(before)


@pytest.mark.usefixtures("_floatx")
def test_floatx() -> None:
    assert utils.floatx() == "float32"
    utils.set_floatx(np.float64)
    model = Sequential([layers.Input((3,)), layers.Dense(2)])
    assert model.predict(np.ones((2, 3), np.float32)).dtype == np.float64
    assert all(array.dtype == np.float64 for array in model.weights)
    with pytest.raises(tinyseg.InvalidInput, match="expected 'float32' or 'float64', got 'float16'"):
        utils.set_floatx("float16")


# Files ----------------------------------------------------------------------------------------------------------------


def test_atomic_path_replaces_in_one_step(tmp_path: Path) -> None:
    path = tmp_path / "new" / "folder" / "file.txt"
    with atomic_path(path) as temporary:
        temporary.write_text("first")
        assert not path.exists()
        assert temporary.parent == path.parent
        assert temporary.suffix == ".txt"
    with path.open() as reader:
        with atomic_path(str(path)) as temporary:
            temporary.write_text("second")
            assert path.read_text() == "first"
        assert reader.read() == "first"  # who was reading keeps the old file, whole
    assert path.read_text() == "second"
    assert list(path.parent.iterdir()) == [path]


def write(path: Path, fill: Callable[[Path], Any]) -> None:
    """Write a file through `atomic_path`."""
    with atomic_path(path) as temporary:
        fill(temporary)


@pytest.mark.parametrize(
    "error", [ValueError("no"), KeyboardInterrupt(), OSError(errno.ENOSPC, "No space left on device")]
)
def test_atomic_path_after_an_error(error: BaseException, tmp_path: Path) -> None:
    def half(temporary: Path) -> None:
        temporary.write_text("half")
        raise error

    path = tmp_path / "file"
    path.write_text("old")
    with pytest.raises(type(error)) as caught:
        write(path, half)
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]
    if isinstance(error, OSError):
        assert str(path) in str(caught.value)
        assert caught.value.errno == errno.ENOSPC


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no /dev/full on this system")
def test_atomic_path_on_a_full_device(tmp_path: Path) -> None:
    def on_the_full_device(temporary: Path) -> None:
        temporary.unlink()
        temporary.symlink_to("/dev/full")
        temporary.write_text("x" * 100_000)

    path = tmp_path / "file"
    path.write_text("old")
    with pytest.raises(OSError, match="No space left") as caught:
        write(path, on_the_full_device)
    assert str(path) in str(caught.value)
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.skipif(os.name != "posix" or sys.platform == "emscripten", reason="POSIX permissions")
def test_atomic_path_gives_the_usual_permissions(tmp_path: Path) -> None:
    (tmp_path / "usual").write_text("")
    with atomic_path(tmp_path / "file") as temporary:
        temporary.write_text("")
    modes = [stat.S_IMODE((tmp_path / name).stat().st_mode) for name in ("usual", "file")]
    assert modes[0] == modes[1]


# Importing ------------------------------------------------------------------------------------------------------------

HEAVY = [
    "matplotlib",
    "sklearn",
    "scipy",
    "numba",
    "cupy",
    "rich",
    "typer",
    "safetensors",
    "PIL",
    "tifffile",
    "jax",
    "keras",
]


@pytest.mark.parametrize(
    "program",
    [
        "import tinyseg",
        """
        import numpy as np
        from tinyseg.layers import Dense, Input
        from tinyseg.models import Sequential
        model = Sequential([Input((3,)), Dense(2)])
        model.compile("adam", "mse")
        model.fit(np.ones((4, 3)), np.ones((4, 2)), verbose=0)
        """,
    ],
    ids=["import", "training"],
)
@pytest.mark.parametrize("backend", ["numpy", "numba"])
def test_nothing_heavy_is_loaded_before_it_is_used(program: str, backend: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Numba, and the SciPy that it looks for, are loaded by the first kernel of its backend and by nothing else."""
    monkeypatch.setenv("TINYSEG_BACKEND", backend)
    expected = ["scipy", "numba"] if backend == "numba" and "fit" in program else []
    report = f"import sys; print([name for name in {HEAVY} if name in sys.modules])"
    done = run_python(f"{textwrap.dedent(program)}\n{report}")
    assert done.stdout.strip() == str(expected), done.stderr


def test_to_ask_for_the_fastest_backend_loads_nothing_heavy() -> None:
    done = run_python(
        f"import sys, tinyseg; tinyseg.get_backend(); print([name for name in {HEAVY} if name in sys.modules])"
    )
    assert done.stdout.strip() == ("['cupy']" if tinyseg.get_backend() == "cupy" else "[]"), done.stderr


def test_unknown_attributes_are_attribute_errors() -> None:
    with pytest.raises(AttributeError, match="'nonsense'"):
        tinyseg.nonsense  # noqa: B018
    assert not hasattr(layers, "__nonsense__")


def test_the_finished_file_takes_the_name_in_one_step(tmp_path: Path) -> None:
    """It is the same file, renamed: a copy could be seen half-written."""
    path = tmp_path / "file.bin"
    path.write_bytes(b"old")
    with atomic_path(path) as temporary:
        temporary.write_bytes(b"new")
        number = temporary.stat().st_ino
        assert path.read_bytes() == b"old"
        assert temporary.parent == path.parent
    assert path.stat().st_ino == number
    assert path.read_bytes() == b"new"


@pytest.mark.parametrize("refusals", [0, 3, 9])
def test_a_file_that_is_being_read_is_waited_for_on_windows(
    refusals: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tinyseg.utils import files

    left, ordinary = [refusals], Path.replace

    def replace(self: Path, target: Path) -> Path:
        if left[0]:
            left[0] -= 1
            raise PermissionError(13, "in use")
        return ordinary(self, target)

    monkeypatch.setattr(files, "WINDOWS", True)
    monkeypatch.setattr(files, "PAUSES", (0.0,) * 4)
    monkeypatch.setattr(Path, "replace", replace)
    path = tmp_path / "file.txt"
    ends = pytest.raises(OSError, match="in use") if refusals == 9 else nullcontext()
    with ends, files.atomic_path(path) as temporary:
        temporary.write_text("new")
    assert [p.name for p in tmp_path.iterdir()] == ([] if refusals == 9 else ["file.txt"])


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="pipes with a name are POSIX's")
def test_a_pipe_or_a_device_is_not_replaced_by_a_file(tmp_path: Path) -> None:
    """As root, the rename would take the place of /dev/null."""
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(tinyseg.InvalidInput, match="a device or a pipe"), atomic_path(tmp_path / "pipe") as temporary:
        temporary.write_text("new")
    assert stat.S_ISFIFO((tmp_path / "pipe").stat().st_mode)
    assert [path.name for path in tmp_path.iterdir()] == ["pipe"]
