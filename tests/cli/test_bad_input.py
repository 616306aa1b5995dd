"""Mistakes of the user end in exit code 2 and one message that says what to do; failures of the system in 1.

No traceback, nothing half written.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.datasets.blobs import write_blobs
from tinyseg.datasets import write_mask

from .command import is_refused, tinyseg

SMALL = ("--width", "3", "--depth", "1", "--epochs", "1")


@pytest.fixture
def own(data: Path, tmp_path: Path) -> Path:
    """A copy of the dataset, to be spoilt."""
    return Path(shutil.copytree(data, tmp_path / "data"))


def missing_mask(data: Path) -> None:
    """Take one mask away."""
    (data / "val" / "masks" / "s01.png").unlink()


def missing_image(data: Path) -> None:
    """Take one image away."""
    (data / "train" / "images" / "s01.png").unlink()


def no_splits(data: Path) -> None:
    """Call the folders otherwise."""
    for name in ("train", "val", "test"):
        (data / name).rename(data / f"{name}ing")


def empty_split(data: Path) -> None:
    """Take all files of a split away."""
    for kind in ("images", "masks"):
        for path in (data / "train" / kind).iterdir():
            path.unlink()


def no_validation(data: Path) -> None:
    """Take a split away."""
    shutil.rmtree(data / "val")


def other_size(data: Path) -> None:
    """Give one mask another size."""
    write_mask(data / "train" / "masks" / "s02.png", np.ones((32, 30), np.uint8))


def black_and_white(data: Path) -> None:
    """Write masks of 0 and 255."""
    for path in data.glob("*/masks/*.png"):
        with Image.open(path) as mask:
            ids = np.asarray(mask)
        Image.fromarray(ids * np.uint8(255)).save(path)


def corrupt_image(data: Path) -> None:
    """Cut an image short."""
    path = data / "train" / "images" / "s03.png"
    path.write_bytes(path.read_bytes()[:200])


def colour_mask(data: Path) -> None:
    """Save a mask's colours instead of its ids."""
    path = data / "train" / "masks" / "s03.png"
    with Image.open(path) as mask:
        mask.convert("RGB").save(path)


def bad_toml(data: Path) -> None:
    """Misspell a key."""
    (data / "dataset.toml").write_text('class = ["a", "b"]')


SPOILT: dict[Callable[[Path], None], tuple[str, ...]] = {
    missing_mask: ("val/images/s01.png", "expected a mask"),
    missing_image: ("train/masks/s01.png", "expected an image"),
    no_splits: ("train/", "trainin"),
    empty_split: ("train/images", "empty"),
    no_validation: ("no split 'val'",),
    other_size: ("s02.png", "32 x 32", "30 x 32"),
    black_and_white: ("0, 255", "dataset.toml", "[mask_values]", "255 = 1"),
    corrupt_image: ("train/images/s03.png",),
    colour_mask: ("train/masks/s03.png", "colour"),
    bad_toml: ("dataset.toml", "did you mean 'classes'"),
}


def test_results_do_not_go_into_a_file(data: Path, trained: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("kept")
    for command in (("predict", trained), ("threshold",)):
        text = is_refused(*command, data / "test" / "images", "--out", tmp_path / "file")
        assert "--out: expected a folder" in text
    assert (tmp_path / "file").read_text() == "kept"


@pytest.mark.parametrize("spoil", SPOILT, ids=lambda function: function.__name__)
def test_spoilt_datasets(spoil: Callable[[Path], None], own: Path, tmp_path: Path) -> None:
    spoil(own)
    several_lines = spoil is black_and_white  # the file to write is shown
    text = is_refused("train", own, "--out", tmp_path / "run", *SMALL, lines=9 if several_lines else 1)
    assert all(part in text for part in SPOILT[spoil]), text


@pytest.mark.parametrize(
    ("options", "parts"),
    [
        (("--model", "unett"), ("model", "did you mean 'unet'")),
        (("--loss", "cross-entropi"), ("loss", "did you mean 'cross-entropy'")),
        (("--schedule", "cosin"), ("schedule", "did you mean 'cosine'")),
        (("--backend", "nunpy"), ("backend", "did you mean 'numpy'")),
        (("--crop", "64"), ("crop", "64 x 64", "32 x 32")),
        (("--crop", "20x64"), ("crop", "20 x 64")),
        (("--crop", "15"), ("multiples of 2",)),
        (("--crop", "16x16x3"), ("--crop", "'16x16x3'")),
        (("--crop", "large"), ("--crop", "'large'")),
        (("--crop", "16x"), ("--crop",)),
        (("--crop", "0"), ("crop",)),
        (("--epochs", "0"), ("epochs",)),
        (("--width", "0"), ("width",)),
        (("--width", "wide"), ("--width", "'wide'")),
        (("--width", "4,8,16"), ("width", "2 numbers")),
        (("--width", "4,"), ("--width",)),
        (("--decoder", "ligth"), ("did you mean 'light'",)),
        (("--depth", "-1"), ("depth",)),
        (("--batch-size", "0"), ("batch_size",)),
        (("--seed", "-1"), ("seed",)),
        (("--learning-rate", "0"), ("learning rate",)),
        (("--learning-rate", "inf"), ("learning rate",)),
        (("--learning-rate", "nan"), ("learning rate",)),
        (("--dropout", "1"), ("dropout",)),
        (("--minutes", "-3"), ("minutes",)),
        (("--rotate", "200"), ("rotate",)),
        (("--scale", "-1"), ("scale",)),
        (("--brightness", "2"), ("brightness",)),
        (("--ignore-class", "256"), ("ignore_class",)),
    ],
    ids=" ".join,
)
def test_impossible_options(options: tuple[str, ...], parts: tuple[str, ...], data: Path, tmp_path: Path) -> None:
    text = is_refused("train", data, "--out", tmp_path / "run", *SMALL, *options)
    assert all(part in text for part in parts), text


def test_a_mistake_can_be_mended_and_the_command_repeated(data: Path, tmp_path: Path) -> None:
    """What came to nothing is no run that would have to be resumed or removed first."""
    is_refused("train", data, "--out", tmp_path / "run", *SMALL, "--crop", "64")
    assert tinyseg("train", data, "--out", tmp_path / "run", *SMALL, "--crop", "16").code == 0


@pytest.mark.parametrize("name", ["absent", "file", "empty"])
def test_what_is_no_dataset(name: str, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "empty").mkdir()
    assert str(tmp_path / name) in is_refused("train", tmp_path / name, "--out", tmp_path / "run", *SMALL)
    assert not (tmp_path / "run").exists()


def test_an_existing_run(trained: Path, data: Path) -> None:
    before = {path.name: path.read_bytes() for path in trained.iterdir()}
    assert "--resume" in is_refused("train", data, "--out", trained, *SMALL)
    text = is_refused("train", data, "--out", trained, "--resume", "--width", "4", "--no-flip", "--seed", "0")
    assert "--width, --flip, --seed" in text
    assert {path.name: path.read_bytes() for path in trained.iterdir()} == before


def test_out_is_a_file(data: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    assert "file" in is_refused("train", data, "--out", tmp_path / "file", *SMALL)
    assert (tmp_path / "file").read_text() == "mine"


def test_out_cannot_be_made(data: Path, trained: Path, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    image = data / "test" / "images" / "s00.png"
    for command in (("train", data), ("predict", trained, image), ("threshold", image)):
        text = is_refused(*command, "--out", tmp_path / "file" / "run", code=1)
        assert str(tmp_path / "file") in text


@pytest.mark.parametrize("command", ["evaluate", "predict", "summary"])
def test_what_is_no_run(command: str, data: Path, tmp_path: Path) -> None:
    rest = {"evaluate": (data,), "predict": (data / "test" / "images", "--out", tmp_path / "out"), "summary": ()}[
        command
    ]
    assert "run.json" in is_refused(command, tmp_path, *rest)
    assert "run.json" in is_refused(command, tmp_path / "absent", *rest)
    (tmp_path / "run.json").write_text('{"settings": {"width": 4}}')
    assert "run.json" in is_refused(command, tmp_path, *rest)


@pytest.mark.parametrize("command", ["evaluate", "predict", "summary"])
@pytest.mark.parametrize("damage", ["missing", "empty", "half", "one byte short", "header", "text"])
def test_a_damaged_model(command: str, damage: str, trained: Path, data: Path, tmp_path: Path) -> None:
    run = Path(shutil.copytree(trained, tmp_path / "run"))
    model = run / "model.safetensors"
    content = bytearray(model.read_bytes())
    if damage == "missing":
        model.unlink()
    else:
        content[12] ^= 0x20
        whole = trained.joinpath("model.safetensors").read_bytes()
        model.write_bytes(
            {"empty": b"", "half": whole[: len(whole) // 2], "one byte short": whole[:-1], "header": content,
             "text": b"model" * 99}[damage]
        )  # fmt: skip
    rest = {"evaluate": (data,), "predict": (data / "test" / "images", "--out", tmp_path / "out"), "summary": ()}[
        command
    ]
    text = is_refused(command, run, *rest)
    assert ("no model yet" in text) if damage == "missing" else (str(model) in text)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("content", ["", "{}", "[]", '{"split": "test", "mean_iou": null, "pixel_accuracy": null}'])
def test_a_damaged_metrics_file(content: str, trained: Path, tmp_path: Path) -> None:
    run = Path(shutil.copytree(trained, tmp_path / "run"))
    (run / "metrics.json").write_text(content)
    assert "metrics.json" in is_refused("summary", run)


def test_a_damaged_description_with_resume(trained: Path, data: Path, tmp_path: Path) -> None:
    run = Path(shutil.copytree(trained, tmp_path / "run"))
    (run / "run.json").write_bytes((run / "run.json").read_bytes()[:100])
    assert "run.json" in is_refused("train", data, "--out", run, "--resume")


def test_a_test_split_that_is_all_void(own: Path, tmp_path: Path) -> None:
    """There is nothing to measure: the mean IoU is no number. All that can be shown is shown."""
    for path in (own / "test" / "masks").iterdir():
        write_mask(path, np.full((32, 32), 9, np.uint8))
    run = tmp_path / "run"
    for command in (
        ("train", own, "--out", run, *SMALL, "--ignore-class", "9"),
        ("summary", run),
        ("evaluate", run, own),
    ):
        outcome = tinyseg(*command)
        assert outcome.code == 0, outcome.err
        assert "Traceback" not in outcome.err


def test_evaluating_on_other_data(trained: Path, own: Path, tmp_path: Path) -> None:
    assert "no split 'tset'" in is_refused("evaluate", trained, own, "--split", "tset")
    write_mask(own / "test" / "masks" / "s00.png", np.full((32, 32), 2, np.uint8))
    text = is_refused("evaluate", trained, own)
    assert "3 classes" in text
    assert "2" in text


@pytest.mark.parametrize("command", ["predict", "threshold"])
def test_images_that_cannot_be_used(command: str, trained: Path, data: Path, tmp_path: Path) -> None:
    start = (command, trained) if command == "predict" else (command,)
    out = ("--out", tmp_path / "out")
    image = data / "test" / "images" / "s00.png"
    assert "absent.png" in is_refused(*start, tmp_path / "absent.png", *out)
    (tmp_path / "empty").mkdir()
    assert "no PNG, JPEG or TIFF" in is_refused(*start, tmp_path / "empty", *out)
    (tmp_path / "copy").mkdir()
    shutil.copy(image, tmp_path / "copy" / "s00.tif")
    assert "same base name" in is_refused(*start, image, tmp_path / "copy", *out)
    assert not (tmp_path / "out").exists()
    (tmp_path / "cut.png").write_bytes(image.read_bytes()[:100])
    assert "cut.png" in is_refused(*start, tmp_path / "cut.png", *out)
    (tmp_path / "notes.txt").write_text("no image")
    assert "notes.txt" in is_refused(*start, tmp_path / "notes.txt", *out)


@pytest.mark.parametrize("options", [("--value", "1.5"), ("--min-area", "0"), ("--value", "bright")])
def test_impossible_options_of_threshold(options: tuple[str, ...], data: Path, tmp_path: Path) -> None:
    outcome = tinyseg("threshold", data / "test" / "images", "--out", tmp_path / "out", *options)
    assert outcome.code == 2
    assert options[0] in outcome.err
    assert not (tmp_path / "out").exists()


def test_messages_show_brackets_as_they_are(tmp_path: Path) -> None:
    assert "[red]absent[/]" in is_refused("train", f"{tmp_path}/[red]absent[/]", "--out", tmp_path / "run")


def test_a_dataset_that_changed_since_the_run_began(trained: Path, tmp_path: Path) -> None:
    write_blobs(tmp_path / "data", 4, 2, 0, channels=3)
    run = Path(shutil.copytree(trained, tmp_path / "run"))
    assert "was started with 1 channels" in is_refused("train", tmp_path / "data", "--out", run, "--resume")


def test_a_folder_where_a_file_is_to_be_written(trained: Path, data: Path, tmp_path: Path) -> None:
    """Told before the work; nothing is drawn either."""
    before = {path.name for path in trained.iterdir()}
    for command in (("evaluate", trained, data), ("profile", trained)):
        for option in ("--json", "--picture"):
            assert f"{option}: expected the name of a file" in is_refused(*command, option, tmp_path)
    assert {path.name for path in trained.iterdir()} == before


def test_more_images_than_any_memory_holds(trained: Path) -> None:
    assert "GiB of memory" in is_refused("profile", trained, "--batch-size", 10**22)


@pytest.mark.parametrize("command", ["gradcheck", "racecheck"])
def test_a_seed_below_zero(command: str) -> None:
    outcome = tinyseg(command, "Dense", "--seed", "-1")
    assert outcome.code == 2
    assert "--seed" in outcome.err
