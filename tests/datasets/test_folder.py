"""A dataset in a folder: what is found in it, and what is said when something is wrong with it."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import tinyseg
from tinyseg.datasets import VOID, SegmentationFolder, list_images, read_image, write_image, write_mask

from .blobs import blobs, write_blobs


def write(folder: Path, masks: Sequence[Any], split: str = "train", channels: int = 1) -> Path:
    """Write a split with the given masks (as grey values) and random images of their sizes.

    Returns the dataset's folder.
    """
    rng = np.random.default_rng(3)
    for k, mask in enumerate(masks):
        mask = np.asarray(mask, np.uint8)
        (folder / split / "masks").mkdir(parents=True, exist_ok=True)
        Image.fromarray(mask).save(folder / split / "masks" / f"{k}.png")
        write_image(folder / split / "images" / f"{k}.png", rng.random((*mask.shape, channels)))
    return folder


def describe(folder: Path, text: str) -> None:
    """Write `dataset.toml`."""
    folder.mkdir(exist_ok=True)
    (folder / "dataset.toml").write_text(text, "utf-8")


def refusal(function: Callable[..., Any], *arguments: Any, **options: Any) -> str:
    """Return the text of the InvalidInput that a call must raise."""
    with pytest.raises(tinyseg.InvalidInput) as caught:
        function(*arguments, **options)
    return str(caught.value)


def ids(*values: int, size: tuple[int, int] = (4, 6)) -> Any:
    """Return a mask in which the values take turns."""
    return np.resize(np.array(values, np.uint8), size)


# What is found --------------------------------------------------------------------------------------------------------


def test_samples_are_the_files_pixels(tmp_path: Path) -> None:
    write_blobs(tmp_path, train=3, val=2, test=1, size=(18, 23), channels=3)
    dataset = SegmentationFolder(tmp_path)
    assert (dataset.channels, dataset.num_classes, list(dataset.splits)) == (3, 2, ["train", "val", "test"])
    for seed, (split, count) in enumerate((("train", 3), ("val", 2), ("test", 1))):
        samples = dataset.samples(split)
        assert len(samples) == count
        expected = blobs(count, (18, 23), 3, seed=seed + 1)
        for k in (*range(count), 0):  # the second reading of 0 comes from memory
            image, mask = samples[k]
            assert (image.dtype, mask.dtype, samples.name(k)) == (np.float32, np.uint8, f"s{k:02}")
            np.testing.assert_allclose(image, expected[k][0], atol=0.5 / 255 + 1e-6)
            np.testing.assert_array_equal(mask, expected[k][1])


def test_pairs_are_found_where_files_sort_differently(tmp_path: Path) -> None:
    """'a.q.tif' comes before 'a.tif', but 'a.q.png' after 'a.png'."""
    values = {"a": ids(0, 1), "a.q": ids(1, 0, 0)}
    for name, mask in values.items():
        write_mask(tmp_path / "train" / "masks" / f"{name}.png", mask)
        images = tmp_path / "train" / "images"
        images.mkdir(exist_ok=True)
        Image.fromarray(mask * 200).save(images / f"{name}.tif")
    samples = SegmentationFolder(tmp_path).samples("train")
    for k in range(2):
        image, mask = samples[k]
        np.testing.assert_array_equal(mask, values[samples.name(k)])
        np.testing.assert_array_equal(image[..., 0] > 0.5, mask == 1)


def test_pairs_are_found_by_base_name_across_suffixes(tmp_path: Path) -> None:
    write(tmp_path, [ids(0, 1), ids(1, 0), ids(1, 1, 0), ids(1, 0, 0)])
    images, masks = tmp_path / "train" / "images", tmp_path / "train" / "masks"
    for k, suffix in enumerate((".jpg", ".TIF", ".jpeg")):
        with Image.open(images / f"{k}.png") as image:
            image.save(images / f"{k}{suffix}")
        (images / f"{k}.png").unlink()
    with Image.open(masks / "3.png") as mask:
        mask.save(masks / "3.tiff")
    (masks / "3.png").unlink()
    samples = SegmentationFolder(tmp_path).samples("train")
    assert [pair.image.name for pair in samples.pairs] == ["0.jpg", "1.TIF", "2.jpeg", "3.png"]
    assert [pair.mask.name for pair in samples.pairs] == ["0.png", "1.png", "2.png", "3.tiff"]
    np.testing.assert_array_equal(samples[3][1], ids(1, 0, 0))


def test_hidden_and_other_files_are_passed_over(tmp_path: Path) -> None:
    write(tmp_path, [ids(0, 1), ids(1, 0)])
    images = tmp_path / "train" / "images"
    for name in (".9.png", ".DS_Store", "notes.txt", "9.heic"):
        (images / name).write_bytes(b"x")
    assert [path.name for path in list_images(images)] == ["0.png", "1.png"]
    assert len(SegmentationFolder(tmp_path).samples("train")) == 2


@pytest.mark.parametrize(
    ("values", "count"),
    [([0, 1], 2), ([0], 2), ([1], 2), ([0, 1, 2, 3], 4), ([0, 5], 6), ([0, 1, 2, 4, 7, 9, 11], 12), (range(200), 200)],
)  # fmt: skip
def test_classes_are_counted_over_all_splits(values: Sequence[int], count: int, tmp_path: Path) -> None:
    write(tmp_path, [ids(*values[:-1] or values, size=(20, 20))])
    write(tmp_path, [ids(*values, size=(20, 20))], split="val")
    dataset = SegmentationFolder(tmp_path)
    assert dataset.num_classes == count
    assert dataset.class_names == [f"class {k}" for k in range(count)]
    assert len(set(dataset.colors)) == count


def test_grey_and_colour_images(tmp_path: Path) -> None:
    write(tmp_path / "grey", [ids(0, 1)] * 6)
    assert SegmentationFolder(tmp_path / "grey").channels == 1
    assert SegmentationFolder(tmp_path / "grey", channels=3).samples("train")[0][0].shape == (4, 6, 3)
    write(tmp_path / "colour", [ids(0, 1)] * 6, channels=3)
    assert SegmentationFolder(tmp_path / "colour").channels == 3
    forced = SegmentationFolder(tmp_path / "colour", channels=1).samples("train")[0][0]
    np.testing.assert_array_equal(forced, read_image(tmp_path / "colour" / "train" / "images" / "0.png", 1))


@pytest.mark.parametrize("place", [0, 5], ids=["first", "last"])
def test_one_colour_image_makes_all_colour(place: int, tmp_path: Path) -> None:
    """The attribute says: 1 when all images are grey.

    A colour image among grey ones must not lose its colours in silence.
    """
    write(tmp_path, [ids(0, 1)] * 6)
    write_image(tmp_path / "train" / "images" / f"{place}.png", np.random.default_rng(0).random((4, 6, 3)))
    assert SegmentationFolder(tmp_path).channels == 3


# Void, values and dataset.toml ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("ignored", [3, 255, 0])
@pytest.mark.parametrize("way", ["argument", "file", "argument over file"])
def test_the_class_to_ignore_becomes_void(ignored: int, way: str, tmp_path: Path) -> None:
    mask = ids(0, 1, 2, ignored)
    write(tmp_path, [mask])
    if way != "argument":
        describe(tmp_path, f"ignore_class = {ignored if way == 'file' else 77}")
    dataset = SegmentationFolder(tmp_path, ignore_class=None if way == "file" else ignored)
    assert dataset.num_classes == 3
    np.testing.assert_array_equal(dataset.samples("train")[0][1], np.where(mask == ignored, VOID, mask))


def test_mask_values_map_what_the_files_hold(tmp_path: Path) -> None:
    write(tmp_path, [ids(0, 64, 128, 255)])
    describe(tmp_path, 'classes = ["a", "b", "c"]\nignore_class = 64\n[mask_values]\n0 = 2\n128 = 0\n255 = 1')
    dataset = SegmentationFolder(tmp_path)
    assert dataset.class_names == ["a", "b", "c"]
    np.testing.assert_array_equal(dataset.samples("train")[0][1], ids(2, VOID, 0, 1))


def test_mask_values_alone_tell_the_number_of_classes(tmp_path: Path) -> None:
    write(tmp_path, [ids(0, 255)])
    describe(tmp_path, "[mask_values]\n0 = 0\n255 = 1")
    dataset = SegmentationFolder(tmp_path)
    assert dataset.num_classes == 2
    np.testing.assert_array_equal(dataset.samples("train")[0][1], ids(0, 1))


@pytest.mark.parametrize("value", [200, 255])
def test_mask_values_beyond_the_classes_are_refused(value: int, tmp_path: Path) -> None:
    write(tmp_path, [ids(0, value)])
    describe(tmp_path, f'classes = ["a", "b"]\n[mask_values]\n0 = 0\n{value} = 5')
    text = refusal(lambda: SegmentationFolder(tmp_path).samples("train")[0])
    assert str(value) in text


def test_names_and_colours_of_the_file(tmp_path: Path) -> None:
    write(tmp_path, [ids(0, 1)])
    describe(tmp_path, 'classes = ["back", "cell", "absent"]\ncolors = [[0, 0, 0], [255, 160, 0], [1, 2, 3]]')
    dataset = SegmentationFolder(tmp_path)
    assert dataset.class_names == ["back", "cell", "absent"]
    assert dataset.colors == [(0, 0, 0), (255, 160, 0), (1, 2, 3)]


@pytest.mark.parametrize("given", [1, 2, 3], ids=lambda n: f"{n} colours")
def test_there_is_one_colour_per_class_without_names(given: int, tmp_path: Path) -> None:
    """Colours that are missing are made up; of too many there is no use."""
    write(tmp_path, [ids(0, 1)])
    describe(tmp_path, f"colors = {[[9, k, 9] for k in range(given)]}")
    dataset = SegmentationFolder(tmp_path)
    assert len(dataset.colors) == dataset.num_classes == 2
    assert dataset.colors[0] == (9, 0, 9)


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ("classes = [", "not a TOML file"),
        ("\udc80", "not a TOML file"),
        ('clases = ["a", "b"]', "did you mean 'classes'"),
        ('classes = "ab"', "classes: expected a list of names"),
        ("classes = [1, 2]", "classes: expected a list of names"),
        (f"classes = {['x'] * 256}", "classes: expected a list of names"),
        ('classes = ["cell", "cell"]', "cell"),
        ('classes = ["cell"]', "classes"),
        ("colors = [[1, 2]]", "colors: expected"),
        ("colors = [[1, 2, 256]]", "colors: expected"),
        ("colors = [[1, 2, true]]", "colors: expected"),
        ("colors = 5", "colors: expected"),
        ('classes = ["a", "b"]\ncolors = [[1, 2, 3]]', "colors: expected one per class"),
        ("ignore_class = 256", "ignore_class: expected a value"),
        ("ignore_class = -1", "ignore_class: expected a value"),
        ("ignore_class = true", "ignore_class: expected a value"),
        ('ignore_class = "void"', "ignore_class: expected a value"),
        ("mask_values = 5", "mask_values: expected lines"),
        ("[mask_values]\n256 = 1", "mask_values: expected lines"),
        ("[mask_values]\nx = 1", "mask_values: expected lines"),
        ("[mask_values]\n1 = 255", "mask_values: expected lines"),
        ("[mask_values]\n1 = 1.5", "mask_values: expected lines"),
        ('[mask_values]\n"²" = 1', "mask_values: expected lines"),
        ("[mask_values]\n1 = 0\n01 = 1", "got '01' = 1"),
        ("[mask_values]\n0 = 0\n255 = 255", "unlabelled pixels are named by ignore_class"),
        ('classes = ["a", "b"]\n[mask_values]\n0 = 0\n1 = 2', "1 = 2, but the 2 classes have the ids 0 to 1"),
        ("ignore_class = 1\n[mask_values]\n0 = 0\n1 = 1", "the value 1 is class 1 in mask_values, and unlabelled"),
        ("colors = [[0, 0, 0], [1, 2, 3], [0, 0, 0]]", "class 0 and class 2 have one colour, [0, 0, 0]"),
        ("colors = [[0, 0, 0], [1, 2, 3]]\nignore_color = [1, 2, 3]", "class 1 and ignore_color have one colour"),
    ],
)
def test_a_bad_description_is_refused(content: str, text: str, tmp_path: Path) -> None:
    write(tmp_path, [ids(0, 1)])
    (tmp_path / "dataset.toml").write_bytes(content.encode("utf-8", "surrogateescape"))
    message = refusal(SegmentationFolder, tmp_path)
    assert text in message
    assert str(tmp_path / "dataset.toml") in message


@pytest.mark.parametrize(
    ("given", "text"),
    [
        *(({"channels": value}, "channels: expected 1") for value in (2, 4, 0, "1", True, 1.5)),
        *(({"ignore_class": value}, "ignore_class: expected an integer") for value in (1.5, "255", True, -1, 256)),
        *(({"val_fraction": value}, "val_fraction: expected") for value in ("0.2", True, 0, 1.0, float("nan"))),
    ],
)
def test_bad_arguments_are_refused(given: dict[str, Any], text: str, tmp_path: Path) -> None:
    write(tmp_path, [ids(0, 1), ids(1, 0)])
    assert text in refusal(SegmentationFolder, tmp_path, **given)


def test_numbers_of_numpy_are_numbers(tmp_path: Path) -> None:
    write(tmp_path, [ids(0, 1)] * 4)
    given: dict[str, Any] = {"ignore_class": np.int64(1), "val_fraction": np.float32(0.5), "split_seed": np.int32(0)}
    dataset = SegmentationFolder(tmp_path, **given)
    same = SegmentationFolder(tmp_path, ignore_class=1, val_fraction=0.5)
    assert dataset.splits == same.splits
    assert dataset.samples("train")[0][1].max() == VOID


@pytest.mark.parametrize("name", ["Dataset.toml", "dataset.TOML", "dataset.toml.txt"])
def test_a_description_under_another_name_is_not_passed_over(name: str, tmp_path: Path) -> None:
    write(tmp_path, [ids(0, 1)])
    (tmp_path / name).write_text('classes = ["a"', "utf-8")
    message = refusal(SegmentationFolder, tmp_path)
    assert "rename the file" in message or "not a TOML file" in message  # the second where case does not matter


@pytest.mark.parametrize("described", ["", "[mask_values]\n0 = 0\n1 = 2\n2 = 1\n", "ignore_class = 2\n"])
def test_a_palette_in_another_order_than_the_classes_colours(described: str, tmp_path: Path) -> None:
    """Programs that make PNG files smaller turn RGB masks into palettes in an order of their own."""
    colors = [(0, 0, 0), (255, 0, 0), (0, 0, 255)]
    order = [0, 2, 1] if "mask_values" in described else [0, 1, 2]  # palette index -> class
    values = ids(0, 1, 2)
    describe(write(tmp_path, [values] * 2), f"colors = {[list(color) for color in colors]}\n{described}")
    path = tmp_path / "train" / "masks" / "1.png"
    for sound, palette in ((True, order), (False, [order[k] for k in (0, 2, 1)])):
        image = Image.fromarray(values)
        image.putpalette([channel for k in palette for channel in colors[k]])
        image.save(path)
        if sound:
            SegmentationFolder(tmp_path).samples("train")[1]
        else:
            assert f"{path}: the palette has the classes' colours in another order" in refusal(
                lambda: SegmentationFolder(tmp_path).samples("train")[1]
            )
    image.putpalette([9, 9, 9, 255, 0, 0, 0, 0, 0])  # colours for the eye, of which one is no class's
    image.save(path)
    np.testing.assert_array_equal(
        SegmentationFolder(tmp_path).samples("train")[1][1], SegmentationFolder(tmp_path).samples("train")[0][1]
    )


@pytest.mark.parametrize("what", [None, 3, b"folder", ["folder"]])
def test_what_is_no_folder_or_split_is_refused(what: Any, tmp_path: Path) -> None:
    assert "expected a path" in refusal(SegmentationFolder, what)
    dataset = SegmentationFolder(write(tmp_path, [ids(0, 1)]))
    assert "no split" in refusal(dataset.samples, what)


def test_values_that_are_all_background_leave_two_classes(tmp_path: Path) -> None:
    """As without mask_values: a network of one class would have nothing to tell apart."""
    describe(write(tmp_path, [ids(0, 1)]), "[mask_values]\n0 = 0\n1 = 0")
    assert SegmentationFolder(tmp_path).num_classes == 2


# What is wrong with a folder ------------------------------------------------------------------------------------------


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    assert "no such folder" in refusal(SegmentationFolder, tmp_path / "absent")
    (tmp_path / "file").touch()
    assert "no such folder" in refusal(SegmentationFolder, tmp_path / "file")


def test_a_folder_without_splits_tells_what_it_holds(tmp_path: Path) -> None:
    assert "found nothing" in refusal(SegmentationFolder, tmp_path)
    write_blobs(tmp_path / "training", 1, 0, 0)
    text = refusal(SegmentationFolder, tmp_path)
    assert "train/" in text
    assert "found training" in text


@pytest.mark.parametrize("kind", ["images", "masks"])
def test_a_split_without_one_of_its_folders(kind: str, tmp_path: Path) -> None:
    write(tmp_path, [ids(0, 1)])
    shutil.rmtree(tmp_path / "train" / kind)
    assert str(tmp_path / "train" / kind) in refusal(SegmentationFolder, tmp_path)


def test_an_empty_split(tmp_path: Path) -> None:
    write(tmp_path, [ids(0, 1)])
    for kind in ("images", "masks"):
        (tmp_path / "val" / kind).mkdir(parents=True)
    text = refusal(SegmentationFolder, tmp_path)
    assert "empty" in text
    assert str(tmp_path / "val") in text


def test_a_split_that_is_not_there(tmp_path: Path) -> None:
    write(tmp_path, [ids(0, 1)])
    text = refusal(SegmentationFolder(tmp_path).samples, "test")
    assert "'test'" in text
    assert "train" in text


@pytest.mark.parametrize(("gone", "kept"), [("masks", "images"), ("images", "masks")])
def test_a_missing_partner(gone: str, kept: str, tmp_path: Path) -> None:
    write(tmp_path, [ids(0, 1)] * 4)
    for k in (1, 2):
        (tmp_path / "train" / gone / f"{k}.png").unlink()
    text = refusal(SegmentationFolder, tmp_path)
    assert str(tmp_path / "train" / kept / "1.png") in text
    assert ("expected an image" if gone == "images" else "expected a mask") in text
    assert "1 more" in text


@pytest.mark.parametrize("kind", ["images", "masks"])
def test_two_files_of_one_base_name(kind: str, tmp_path: Path) -> None:
    write(tmp_path, [ids(0, 1)])
    shutil.copy(tmp_path / "train" / kind / "0.png", tmp_path / "train" / kind / "0.tif")
    text = refusal(SegmentationFolder, tmp_path)
    assert "0.png" in text
    assert "0.tif" in text


def test_image_and_mask_of_other_sizes(tmp_path: Path) -> None:
    write(tmp_path, [ids(0, 1), ids(0, 1)])
    write_mask(tmp_path / "train" / "masks" / "1.png", ids(0, 1, size=(6, 4)))
    samples = SegmentationFolder(tmp_path).samples("train")
    samples[0]
    text = refusal(samples.__getitem__, 1)
    assert "1.png" in text
    assert "6 x 4" in text  # width x height of the image
    assert "4 x 6" in text


@pytest.mark.parametrize("description", ["", 'classes = ["a", "b"]'])
def test_black_and_white_masks_come_with_the_remedy(description: str, tmp_path: Path) -> None:
    """The text tells what to write into dataset.toml; what it tells is tried."""
    write(tmp_path, [ids(0, 255)])
    describe(tmp_path, description)
    text = refusal(lambda: SegmentationFolder(tmp_path).samples("train")[0])
    assert "dataset.toml" in text
    describe(tmp_path, "\n".join(line.strip() for line in text.splitlines()[1:]))
    np.testing.assert_array_equal(SegmentationFolder(tmp_path).samples("train")[0][1], ids(0, 1))


def test_void_that_nobody_named_comes_with_the_remedy(tmp_path: Path) -> None:
    write(tmp_path, [ids(0, 1, 2, 255)])
    assert "ignore_class = 255" in refusal(SegmentationFolder, tmp_path)
    assert SegmentationFolder(tmp_path, ignore_class=255).num_classes == 3


def test_grey_levels_are_not_taken_for_classes(tmp_path: Path) -> None:
    write(tmp_path, [ids(0, 100, 200)])
    assert "mask_values" in refusal(SegmentationFolder, tmp_path)


def test_labels_out_of_range_name_the_mask_and_the_values(tmp_path: Path) -> None:
    write(tmp_path, [ids(0, 1), ids(0, 1, 7, 9)])
    describe(tmp_path, 'classes = ["a", "b"]')
    samples = SegmentationFolder(tmp_path).samples("train")
    samples[0]
    text = refusal(samples.__getitem__, 1)
    assert str(tmp_path / "train" / "masks" / "1.png") in text
    assert "7, 9" in text
    assert "allowed: 0, 1" in text


@pytest.mark.parametrize("value", [-1, 256])
def test_an_ignored_value_that_no_mask_can_hold(value: int, tmp_path: Path) -> None:
    write(tmp_path, [ids(0, 1)])
    assert "ignore_class" in refusal(SegmentationFolder, tmp_path, ignore_class=value)


def test_a_damaged_file_is_named(tmp_path: Path) -> None:
    write(tmp_path, [ids(0, 1), ids(0, 1)])
    path = tmp_path / "train" / "images" / "1.png"
    path.write_bytes(path.read_bytes()[:40])
    assert str(path) in refusal(lambda: SegmentationFolder(tmp_path).samples("train")[1])
