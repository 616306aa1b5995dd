"""Pictures: the right panels with the right content and labels, and files that open."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from matplotlib.colors import to_rgb
from PIL import Image

import tinyseg
from tinyseg.datasets import VOID, default_colors
from tinyseg.datasets.palette import void_color
from tinyseg.segmentation import as_rgb, brighten, color_mask
from tinyseg.visualization import error_image, plot_confusion, plot_curves, plot_predictions, save_figure

HISTORY = {
    "epoch": [0, 1, 2],
    "loss": [1.0, 0.5, 0.25],
    "mean_iou": [0.1, 0.3, 0.4],
    "val_loss": [1.1, 0.7, 0.9],
    "val_mean_iou": [0.2, 0.5, 0.3],
    "val_dice": [0.2, 0.4, float("nan")],
}
COLORS = [(0, 0, 0), (250, 100, 0), (0, 200, 90), (10, 20, 250)]
NAMES = ["background", "cell", "never", "wall"]


def samples() -> tuple[list[Any], list[Any], list[Any]]:
    """Return images, truths and predictions: 3 samples, classes 0, 1 and 3, void in the second truth."""
    rng = np.random.default_rng(4)
    images = [rng.random((12, 20, channels)).astype(np.float32) * 0.1 for channels in (1, 3, 1)]
    truths = [rng.choice([0, 1], (12, 20)).astype(np.uint8) for _ in images]
    truths[1][:3] = VOID
    predictions = [np.where(rng.random((12, 20)) < 0.2, 3, ids % VOID).astype(np.uint8) for ids in truths]
    return images, truths, predictions


def legend(container: Any) -> dict[str, Any]:
    """Return what a legend explains: text -> handle."""
    (found,) = [container.get_legend()] if hasattr(container, "get_legend") else container.legends
    return {text.get_text(): handle for text, handle in zip(found.get_texts(), found.legend_handles, strict=True)}


def test_the_error_image_pixel_by_pixel() -> None:
    truth = np.array([[0, 1, 2], [VOID, VOID, 0]], np.uint8)
    prediction = np.array([[0, 2, 2], [0, VOID, 1]], np.uint8)
    picture = error_image(truth, prediction)
    assert picture.dtype == np.uint8
    red, light, grey = (214, 57, 57), (238, 238, 238), (150, 150, 170)
    assert [[tuple(p) for p in row] for row in picture.tolist()] == [[light, red, light], [grey, grey, red]]


def test_curves_have_a_panel_per_quantity() -> None:
    figure = plot_curves(HISTORY, best_epoch=1)
    assert [axis.get_title() for axis in figure.axes] == ["loss", "mean IoU", "dice"]
    for axis, (training, validation) in zip(
        figure.axes, [("loss", "val_loss"), ("mean_iou", "val_mean_iou"), (None, "val_dice")], strict=True
    ):
        lines = {line.get_label(): line for line in axis.lines}
        assert set(lines) == {"best", "validation", *(["training"] if training else [])}
        assert set(legend(axis)) == set(lines)
        assert list(lines["best"].get_xdata()) == [2, 2]
        for label, name in (("training", training), ("validation", validation)):
            if name:
                np.testing.assert_array_equal(lines[label].get_xdata(), [1, 2, 3])
                np.testing.assert_array_equal(lines[label].get_ydata(), HISTORY[name])
        assert axis.get_xlabel() == "epoch"


@pytest.mark.parametrize("history", [{}, {"loss": []}, {"epoch": [0], "loss": [0.5]}, {"loss": [0.1] * 60}])
def test_curves_of_any_length_can_be_drawn(history: dict[str, list[float]], tmp_path: Path) -> None:
    save_figure(plot_curves(history), tmp_path / "curves.png", dpi=30)
    with Image.open(tmp_path / "curves.png") as picture:
        picture.load()


def test_predictions_have_four_panels_per_sample() -> None:
    images, truths, predictions = samples()
    figure = plot_predictions(images, truths, predictions, NAMES, COLORS, ["one", "two", "three"])
    assert len(figure.axes) == 12
    assert [axis.get_title() for axis in figure.axes[:4]] == ["image", "truth", "prediction", "error"]
    assert [axis.get_ylabel() for axis in figure.axes[::4]] == ["one", "two", "three"]
    for k, (image, truth, prediction) in enumerate(zip(images, truths, predictions, strict=True)):
        panels = [axis.images[0].get_array() for axis in figure.axes[4 * k : 4 * k + 4]]
        expected = (
            as_rgb(brighten(image)),
            color_mask(truth, COLORS),
            color_mask(prediction, COLORS),
            error_image(truth, prediction),
        )
        for panel, array in zip(panels, expected, strict=True):
            np.testing.assert_array_equal(panel, array)
        valid = truth != VOID
        share = (truth == prediction)[valid].mean()
        assert figure.axes[4 * k + 3].get_xlabel() == f"{share:.1%} of the pixels right"


def test_the_legend_explains_the_classes_that_occur() -> None:
    images, truths, predictions = samples()
    entries = legend(plot_predictions(images, truths, predictions, NAMES, COLORS))
    assert list(entries) == ["background", "cell", "wall", "void (not counted)"]
    for name, color in (("cell", COLORS[1]), ("wall", COLORS[3]), ("void (not counted)", (128, 128, 128))):
        np.testing.assert_allclose(to_rgb(entries[name].get_facecolor()), np.array(color) / 255)
    first = (images[:1], truths[:1], truths[:1])
    assert list(legend(plot_predictions(*first, NAMES, COLORS))) == ["background", "cell"]


@pytest.mark.parametrize("size", [(40, 9), (9, 40), (1, 1)])
def test_predictions_of_any_shape_can_be_drawn(size: tuple[int, int], tmp_path: Path) -> None:
    """Also of a sample that is all void, of which no pixel counts."""
    truth = np.full(size, VOID, np.uint8)
    image = np.full((*size, 3), 0.5, np.float32)
    figure = plot_predictions([image], [truth], [np.zeros(size, np.uint8)], ["a", "b"], COLORS[:2])
    save_figure(figure, tmp_path / "predictions.png", dpi=40)
    with Image.open(tmp_path / "predictions.png") as picture:
        picture.load()


def test_no_samples_are_refused() -> None:
    with pytest.raises(tinyseg.InvalidInput, match="at least one sample"):
        plot_predictions([], [], [], NAMES, COLORS)


def test_the_confusion_matrix_in_per_cent() -> None:
    matrix = np.array([[60, 40, 0], [1, 1998, 1], [0, 0, 0]])
    figure = plot_confusion(matrix, ["sky", "tree", "car"])
    (axis,) = figure.axes
    texts = {(int(text.get_position()[1]), int(text.get_position()[0])): text.get_text() for text in axis.texts}
    assert texts == {
        (0, 0): "60", (0, 1): "40", (0, 2): "0",
        (1, 0): "0", (1, 1): "100", (1, 2): "0",
        (2, 0): "-", (2, 1): "-", (2, 2): "-",
    }  # fmt: skip
    np.testing.assert_allclose(axis.images[0].get_array()[:2], matrix[:2] / matrix[:2].sum(axis=1, keepdims=True))
    assert [label.get_text() for label in axis.get_yticklabels()] == ["sky (100)", "tree (2,000)", "car (0)"]
    assert [label.get_text() for label in axis.get_xticklabels()] == ["sky", "tree", "car"]
    assert (axis.get_xlabel(), axis.get_ylabel()) == ("prediction", "truth (pixels)")


@pytest.mark.parametrize("classes", [1, 11])
def test_confusion_of_any_size_can_be_drawn(classes: int, tmp_path: Path) -> None:
    matrix = np.random.default_rng(classes).integers(0, 50, (classes, classes))
    save_figure(plot_confusion(matrix, [f"class {k}" for k in range(classes)]), tmp_path / "new" / "confusion.png")
    with Image.open(tmp_path / "new" / "confusion.png") as picture:
        picture.load()
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["confusion.png"]


def test_a_picture_that_fails_leaves_the_old_one(tmp_path: Path) -> None:
    class Broken:
        def savefig(self, path: Path, **options: Any) -> None:
            path.write_bytes(b"half")
            raise OSError(28, "No space left on device")

    (tmp_path / "picture.png").write_bytes(b"old")
    with pytest.raises(OSError, match=r"picture\.png"):
        save_figure(Broken(), tmp_path / "picture.png")
    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [("picture.png", b"old")]


def test_drawing_many_classes_keeps_colours_apart() -> None:
    """Twelve classes: the legend's patches have the masks' colours."""
    ids = np.arange(12, dtype=np.uint8).reshape(3, 4)
    colors = default_colors(12)
    entries = legend(plot_predictions([np.zeros((3, 4, 1))], [ids], [ids], [f"c{k}" for k in range(12)], colors))
    found = [tuple(np.rint(np.array(to_rgb(handle.get_facecolor())) * 255).astype(int)) for handle in entries.values()]
    assert found == colors


CAMVID = [(128, 128, 128), (128, 0, 0), (192, 192, 128), (128, 64, 128), (0, 0, 192), (128, 128, 0), (64, 64, 0)]


@pytest.mark.parametrize(
    "colors",
    [COLORS, CAMVID, [*CAMVID, (255, 255, 255)], [*CAMVID, (250, 250, 250), (240, 0, 250)], default_colors(254), [],
     [(v, v, v) for v in range(250)]],
)  # fmt: skip
def test_void_has_a_colour_that_no_class_has(colors: list[Any]) -> None:
    """As far from each as three steps of 20 where that can be, and in the picture the same as in the legend."""
    color = void_color(colors)
    distances = [sum(abs(a - b) for a, b in zip(color, other, strict=True)) for other in colors]
    assert min(distances, default=60) >= (60 if len(colors) < 200 else 1)
    if not 0 < len(colors) < 20:
        return
    truth = np.array([[0, 1], [VOID, 2]], np.uint8)
    figure = plot_predictions(
        [np.zeros((2, 2, 1))], [truth], [truth % VOID], [f"c{k}" for k in range(len(colors))], colors
    )
    assert tuple(figure.axes[1].images[0].get_array()[1, 0]) == color
    handle = legend(figure)["void (not counted)"]
    np.testing.assert_allclose(to_rgb(handle.get_facecolor()), np.array(color) / 255)
