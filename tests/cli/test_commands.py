"""Every subcommand, as it is meant to be used."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import tifffile
from PIL import Image
from tinyseg_kernels.backend import operations

import tinyseg as package
from tests.datasets.blobs import blobs, write_blobs
from tests.runs.tiny import assert_same_file, assert_same_run, measures
from tests.utils.test_locks import held_by_another
from tinyseg.datasets import read_image, read_mask, write_image
from tinyseg.datasets.splitting import held_out
from tinyseg.runs import RunFolder, predict_sample
from tinyseg.segmentation import otsu_threshold
from tinyseg.utils.locks import NAME

from .command import is_refused, succeeds, tinyseg
from .conftest import TRAINING

COMMANDS = ("demo", "train", "evaluate", "predict", "threshold", "summary", "profile", "gradcheck", "doctor", "weights")


def test_help_of_all() -> None:
    text = succeeds("--help")
    assert all(name in text for name in COMMANDS)
    for name in COMMANDS:
        text = succeeds(name, "--help")
        assert f"tinyseg {name}" in text.replace("Usage: ", "")
        assert "Example" in text
    assert "Usage" in tinyseg().out + tinyseg().err  # without a subcommand: help


@pytest.mark.parametrize(
    "arguments", [("trian",), ("train",), ("train", "x", "--epohcs", "3", "--out", "y"), ("predict", "x")]
)
def test_usage_errors_exit_with_2(arguments: tuple[str, ...]) -> None:
    outcome = tinyseg(*arguments)
    assert outcome.code == 2
    assert "Traceback" not in outcome.err


def test_train_writes_a_run(trained: Path) -> None:
    names = {path.name for path in trained.iterdir()}
    assert names == {
        "run.json",
        "model.safetensors",
        "history.csv",
        "curves.png",
        "predictions.png",
        "confusion.png",
        "metrics.json",
    }
    settings = RunFolder(trained).read_description().settings
    assert (settings.width, settings.depth, settings.epochs, settings.batch_size) == (4, 2, 3, 4)
    assert (settings.augmentation.rotate, settings.augmentation.flip, settings.dropout) == (10.0, True, 0.1)
    assert len(RunFolder(trained).read_history()["epoch"]) == 3
    assert json.loads((trained / "metrics.json").read_text())["command"].startswith("tinyseg train ")


def test_every_option_of_train_arrives(data: Path, tmp_path: Path) -> None:
    out = succeeds(
        "train", data, "-o", tmp_path / "run", "--model", "unet", "--width", "3,5", "--depth", 1, "--decoder", "light",
        "--dropout", 0.2, "--epochs", 1,
        "--minutes", 5, "--batch-size", 3, "--learning-rate", 0.005, "--schedule", "exponential", "--weight-decay",
        0.01,
        "--loss", "balanced-cross-entropy", "--ignore-class", 200, "--crop", "16x20", "--no-flip", "--flip-vertical",
        "--rotate", 5, "--scale", 0.2, "--brightness", 0.1, "--seed", 6, "--backend", "numpy",
    )  # fmt: skip
    found = RunFolder(tmp_path / "run").read_description().settings.as_json()
    augmentation = {"flip": False, "flip_vertical": True, "rotate": 5.0, "scale": 0.2, "brightness": 0.1}
    expected = {
        "model": "unet", "width": (3, 5), "depth": 1, "decoder": "light", "dropout": 0.2, "epochs": 1, "minutes": 5.0,
        "batch_size": 3,
        "learning_rate": 0.005, "schedule": "exponential", "weight_decay": 0.01, "loss": "balanced-cross-entropy",
        "crop": (16, 20), "augmentation": augmentation, "ignore_class": 200, "seed": 6,
    }  # fmt: skip
    assert {name: found[name] for name in expected} == expected
    assert "class 1" in out
    assert "mean IoU" in out


def test_a_square_crop_and_a_dataset_without_test_split(tmp_path: Path) -> None:
    write_blobs(tmp_path / "data", 4, 2, 0, channels=3)
    succeeds(
        "train",
        tmp_path / "data",
        "--out",
        tmp_path / "run",
        "--model",
        "fcn",
        "--width",
        3,
        "--depth",
        1,
        "--epochs",
        1,
        "--crop",
        16,
    )
    description = RunFolder(tmp_path / "run").read_description()
    assert (description.settings.model, description.settings.crop, description.channels) == ("fcn", (16, 16), 3)
    assert measures(tmp_path / "run")["split"] == "val"


def test_evaluate_repeats_what_the_run_measured(trained: Path, data: Path, tmp_path: Path) -> None:
    expected = measures(trained)
    out = succeeds("evaluate", trained, data, "--json", tmp_path / "new" / "m.json", "--picture", tmp_path / "c.png")
    found = json.loads((tmp_path / "new" / "m.json").read_text())
    for name in (
        "split",
        "samples",
        "pixels",
        "pixel_accuracy",
        "mean_iou",
        "mean_dice",
        "classes",
        "confusion_matrix",
    ):
        assert found[name] == expected[name]
    assert f"{expected['mean_iou']:.4f}" in out
    with Image.open(tmp_path / "c.png") as picture:
        picture.load()


def test_evaluate_another_split(trained: Path, data: Path, tmp_path: Path) -> None:
    shutil.copytree(trained, tmp_path / "run")
    succeeds("evaluate", tmp_path / "run", data, "--split", "val", "--json", tmp_path / "m.json")
    found = json.loads((tmp_path / "m.json").read_text())
    assert (found["split"], found["samples"]) == ("val", 4)
    assert found["mean_iou"] == pytest.approx(measures(trained)["best_val_mean_iou"])
    assert (tmp_path / "run" / "confusion-val.png").exists()


def test_predict_images_of_any_kind_and_size(trained: Path, tmp_path: Path) -> None:
    images, out = tmp_path / "images", tmp_path / "out"
    sizes = {"a": (33, 50), "b": (7, 9), "c": (32, 32), "d": (1, 13), "e": (40, 31)}
    for name, size in sizes.items():
        write_image(images / f"{name}.png", blobs(1, size, 3 if name in "ce" else 1, seed=5)[0][0])
    for name, suffix in (("b", "jpg"), ("e", "tif")):  # b is grey, e in colour; the network was trained on grey images
        with Image.open(images / f"{name}.png") as image:
            image.save(images / f"{name}.{suffix}")
        (images / f"{name}.png").unlink()
    (images / "e.tif").rename(tmp_path / "e.tif")
    text = succeeds("predict", trained, images, tmp_path / "e.tif", tmp_path / "e.tif", "--out", out)
    assert "5 images" in text
    assert {path.name for path in out.iterdir()} == {f"{n}_{kind}.png" for n in sizes for kind in ("mask", "overlay")}
    model = RunFolder(trained).load_model()
    for name, size in sizes.items():
        (source,) = [*images.glob(f"{name}.*"), *tmp_path.glob(f"{name}.*")]
        mask = read_mask(out / f"{name}_mask.png")
        assert mask.shape == size
        np.testing.assert_array_equal(mask, predict_sample(model, read_image(source, 1), 4))
        with Image.open(out / f"{name}_mask.png") as picture:
            assert picture.mode == "P"
            colors = np.asarray(picture.convert("RGB"))
        np.testing.assert_array_equal(colors, np.array(RunFolder(trained).read_description().colors)[mask])
        with Image.open(out / f"{name}_overlay.png") as picture:
            assert (picture.mode, picture.size) == ("RGB", size[::-1])


def test_threshold_is_otsus(data: Path, tmp_path: Path) -> None:
    source = data / "test" / "images"
    text = succeeds("threshold", source, "--out", tmp_path)
    for k in range(3):
        grey = np.rint(read_image(source / f"s{k:02}.png")[..., 0] * 255)
        level = otsu_threshold(grey.astype(np.uint8))
        np.testing.assert_array_equal(read_mask(tmp_path / f"s{k:02}_mask.png"), grey > level)
        assert (tmp_path / f"s{k:02}_overlay.png").exists()
        assert f"{level / 255:.4f}" in text


def test_threshold_options(tmp_path: Path) -> None:
    image = np.full((9, 12), 0.8)
    image[1:4, 1:5] = 0.2  # 12 dark pixels
    image[6, 7] = image[7, 8] = 0.3  # 2 that touch at a corner
    write_image(tmp_path / "x.png", image)
    text = succeeds(
        "threshold", tmp_path / "x.png", "--dark", "--value", 0.5, "--min-area", 3, "--out", tmp_path / "out"
    )
    expected = np.zeros((9, 12))
    expected[1:4, 1:5] = 1
    np.testing.assert_array_equal(read_mask(tmp_path / "out" / "x_mask.png"), expected)
    assert "(1, 1, 4, 5)" in " ".join(text.split())
    text = succeeds("threshold", tmp_path / "x.png", "--dark", "--value", 0.25, "--out", tmp_path / "out")
    np.testing.assert_array_equal(read_mask(tmp_path / "out" / "x_mask.png"), expected)
    text = succeeds("threshold", tmp_path / "x.png", "--value", 1, "--out", tmp_path / "out")
    assert not read_mask(tmp_path / "out" / "x_mask.png").any()


def test_a_broken_image_does_not_stop_the_others(trained: Path, tmp_path: Path) -> None:
    """Images of all formats and in sub-folders are read, others are named, and the broken ones at the end."""
    photos = tmp_path / "photos"
    (photos / "deeper").mkdir(parents=True)
    grey = np.random.default_rng(0).integers(0, 256, (20, 17), np.uint8)
    for name in ("a.webp", "b.bmp", "c.gif", "d.tif", "deeper/a.jpg"):
        Image.fromarray(grey).save(photos / name)
    (photos / "broken.png").write_bytes((photos / "b.bmp").read_bytes()[:60])
    tifffile.imwrite(photos / "stack.tif", np.stack([grey] * 3), photometric="minisblack")
    for name in ("e.heic", ".hidden.png"):
        (photos / name).write_bytes(b"x")
    for command in (("threshold",), ("predict", trained)):
        out = tmp_path / command[0]
        outcome = tinyseg(*command, photos, "--out", out)
        assert outcome.code == 2
        assert "e.heic" in outcome.out
        assert "5 images" in outcome.out
        assert "2 of 7 images could not be used" in outcome.err
        assert str(photos / "broken.png") in outcome.err
        assert f"{photos / 'stack.tif'}: expected one picture, got a stack of 3 pages" in outcome.err
        names = {path.relative_to(out).as_posix() for path in out.rglob("*.png")}
        assert names == {
            f"{name}_{kind}.png" for name in ("a", "b", "c", "d", "deeper/a") for kind in ("mask", "overlay")
        }


def test_results_are_no_images(tmp_path: Path) -> None:
    """The same command twice, with results beside the images, or in a folder below."""
    write_image(tmp_path / "a.png", np.random.default_rng(0).random((9, 8)))
    for out in (tmp_path, tmp_path / "below"):
        succeeds("threshold", tmp_path, "--out", out)
        assert "wrote masks and overlays of 1 images" in succeeds("threshold", tmp_path / "a.png", "--out", out)
        if out == tmp_path:
            text = succeeds("threshold", tmp_path, "--out", out)
            assert "left out, results of an earlier command: a_mask.png, a_overlay.png" in " ".join(text.split())
            for kind in ("mask", "overlay"):
                (tmp_path / f"a_{kind}.png").unlink()
        else:
            assert "1 images" in succeeds("threshold", tmp_path, "--out", out)


@pytest.mark.parametrize(("dtype", "factor"), [("u1", 1), ("u2", 257), ("f4", 1 / 255), ("f4", 3.0)])
def test_threshold_does_not_depend_on_depth_and_scale(dtype: str, factor: float, tmp_path: Path) -> None:
    grey = np.random.default_rng(2).integers(0, 256, (31, 22))
    tifffile.imwrite(tmp_path / "x.tif", (grey * factor).astype(dtype))
    succeeds("threshold", tmp_path / "x.tif", "--out", tmp_path)
    np.testing.assert_array_equal(read_mask(tmp_path / "x_mask.png"), grey > otsu_threshold(grey.astype(np.uint8)))
    value = 120 * factor if factor == 3.0 else 120 / 255
    succeeds("threshold", tmp_path / "x.tif", "--out", tmp_path, "--value", value)
    np.testing.assert_array_equal(read_mask(tmp_path / "x_mask.png"), grey > 120)


def test_summary_of_a_run_and_of_a_model(trained: Path) -> None:
    text = succeeds("summary", trained)
    content = measures(trained)
    for part in (
        "down1_conv1",
        "scores",
        f"{content['parameters']:,}",
        "class 0, class 1",
        "width=4",
        f"{content['mean_iou']:.4f}",
    ):
        assert part in text
    text = succeeds("summary", trained / "model.safetensors")
    assert "down1_conv1" in text
    assert f"{content['parameters']:,}" in text


def test_summary_of_a_run_that_is_not_finished(trained: Path, tmp_path: Path) -> None:
    shutil.copytree(trained, tmp_path / "run")
    (tmp_path / "run" / "metrics.json").unlink()
    assert "not finished" in succeeds("summary", tmp_path / "run")


def test_a_finished_run_is_not_trained_again(trained: Path, data: Path, tmp_path: Path) -> None:
    shutil.copytree(trained, tmp_path / "run")
    assert "finished already" in succeeds("train", data, "--out", tmp_path / "run", "--resume")
    assert_same_run(tmp_path / "run", trained)


def test_the_same_command_gives_the_same_model(trained: Path, data: Path, tmp_path: Path) -> None:
    succeeds("train", data, "--out", tmp_path / "run", *TRAINING)
    assert_same_file(tmp_path / "run" / "model.safetensors", trained / "model.safetensors")


def test_demo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """On few scenes, to be quick: everything is there."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("tinyseg.cli.demo.VAL_SCENES", 10)
    monkeypatch.setattr("tinyseg.cli.demo.TEST_SCENES", 20)
    text = succeeds("demo", "--epochs", 1, "--scenes", 16)
    run = tmp_path / "tinyseg-demo"
    assert "predictions.png" in text
    content = measures(run)
    assert (content["split"], content["samples"], content["epochs"]) == ("test", 20, 1)
    assert list(content["classes"]) == ["background", *(f"digit {k}" for k in range(10))]
    with Image.open(run / "predictions.png") as picture:
        picture.load()
    assert "digit 3" in succeeds("summary", run)
    assert "holds a run already" in tinyseg("demo", "--epochs", 1, "--scenes", 16).err


def test_doctor(monkeypatch: pytest.MonkeyPatch) -> None:
    """Versions, rungs and threads; what it says of GPUs is tested in test_doctor_gpu.py, on made-up machines."""
    monkeypatch.setenv("COLUMNS", "200")
    text = succeeds("doctor")
    assert package.__version__ in text
    assert np.__version__ in text
    assert "numpy_cpu" in text
    assert f"backend numba: {package.get_num_threads()}" in text
    assert "cpu-kernels" in text
    assert "│ GPU " in text


@pytest.mark.parametrize("name", ["cell[a].png", "[red]x.png"])
def test_names_with_brackets_are_printed_as_they_are(name: str, tmp_path: Path) -> None:
    write_image(tmp_path / name, blobs(1)[0][0])
    assert name in succeeds("threshold", tmp_path / name, "--out", tmp_path / "out")


def test_folders_and_classes_with_brackets(tmp_path: Path) -> None:
    """Neither may be taken for markup, least of all after an hour of training."""
    write_blobs(tmp_path / "data", 4, 2, 0)
    (tmp_path / "data" / "dataset.toml").write_text('classes = ["back[/]ground", "[b]cell"]')
    out = tmp_path / "[b]run"
    text = succeeds("train", tmp_path / "data", "--out", out, "--width", 3, "--depth", 1, "--epochs", 1)
    assert f"{out}/predictions.png" in text.replace("\n", "")
    assert "back[/]ground" in text
    assert "[b]cell" in text


def test_results_say_of_which_split(trained: Path, data: Path, tmp_path: Path) -> None:
    """In words and in the table's title; without `--split` it is the test split, else val."""
    shutil.copytree(trained, tmp_path / "run")
    shutil.copytree(data, tmp_path / "data")
    assert "test (3 images): mean IoU" in succeeds("summary", trained)
    for split, count in (("test", 3), ("val", 4)):
        text = succeeds("evaluate", tmp_path / "run", tmp_path / "data")
        assert f"{split}: {count} images" in text
        assert f"{split}: pixel accuracy" in text
        assert (tmp_path / "run" / f"confusion-{split}.png").exists()
        shutil.rmtree(tmp_path / "data" / split)


def test_a_folder_without_splits(tmp_path: Path) -> None:
    """Split by names, which is said, kept in run.json, and done again by --resume and evaluate.

    What is no image is named.
    """
    flat = tmp_path / "flat"
    (write_blobs(tmp_path / "data", 9, 1, 0) / "train").rename(flat)
    (flat / "images" / "notes.txt").touch()
    run = tmp_path / "run"
    options = ("--width", 3, "--depth", 1, "--epochs", 1, "--loss", "dice")
    text = succeeds("train", flat, "--out", run, *options, "--val-fraction", 0.4, "--split-seed", 2)
    held = len(held_out([f"s{k:02}" for k in range(9)], 0.4, 2))
    assert f"{9 - held} in train, {held} in val (fraction 0.4, seed 2)" in text
    assert "1 files are left out" in text
    assert "images/notes.txt" in text
    assert "the best epoch was chosen by these same images" in text
    settings = RunFolder(run).read_description().settings
    assert (settings.val_fraction, settings.split_seed, settings.loss) == (0.4, 2, "dice")
    expected = f"val: pixel accuracy {measures(run)['pixel_accuracy']:.4f}"
    assert expected in text
    assert expected in succeeds("evaluate", run, flat)
    assert expected in succeeds("train", flat, "--out", run, "--resume")
    assert "all: 9 images" in succeeds("evaluate", run, flat, "--split", "all")
    assert "--val-fraction 0.2" in is_refused("train", flat, "--out", tmp_path / "other", *options)
    assert "no split 'all'" in is_refused("evaluate", run, tmp_path / "data", "--split", "all")


@pytest.mark.parametrize("columns", [60, 80, 120])
def test_no_name_is_cut(columns: int, trained: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    text = succeeds("doctor")
    assert "…" not in text
    assert columns < 80 or all(f"{name} " in text for name in operations())
    assert "…" not in succeeds("evaluate", trained, RunFolder(trained).read_description().data)


def test_a_second_trainer_is_told_first(trained: Path, data: Path) -> None:
    """Not that there is a run already, which is no cure while it is being made."""
    before = {path.name: path.read_bytes() for path in trained.iterdir()}
    with held_by_another(trained) as process:
        for command in (("train", data, "--out", trained), ("demo", "--out", trained)):
            text = is_refused(*command)
            assert f"another process (pid {process.pid}, since " in text
            assert f"trains in '{trained}'; wait for it, stop it, or choose another --out" in text
        assert "mean IoU" in succeeds("summary", trained)  # reading goes on
        before[NAME] = (trained / NAME).read_bytes()
        assert {path.name: path.read_bytes() for path in trained.iterdir()} == before
    (trained / NAME).unlink()


def test_the_losses_are_listed(data: Path, tmp_path: Path) -> None:
    text = is_refused("train", data, "--out", tmp_path / "run", "--loss", "dise")
    assert "did you mean 'dice'? (known: dice, balanced-cross-entropy, cross-entropy)" in text


def test_help_shows_how_masks_are_described() -> None:
    text = succeeds("train", "--help")
    assert 'classes = ["background", "cell"]' in text
    assert "mask_values = { 0 = 0, 255 = 1 }" in text


@pytest.mark.parametrize("command", ["predict", "threshold"])
def test_results_may_go_to_the_folder_around(
    command: str, trained: Path, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`--out .` with images in a sub-folder: they are no results of an earlier command."""
    shutil.copytree(data / "test" / "images", tmp_path / "new")
    monkeypatch.chdir(tmp_path)
    start = (command, trained) if command == "predict" else (command,)
    succeeds(*start, "new", "--out", ".")
    assert (tmp_path / "s00_mask.png").exists()
