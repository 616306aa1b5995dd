"""The drawing of a U-Net has a box for each convolution and an arrow for each connection across."""

import matplotlib.pyplot as plt
import pytest
from matplotlib.colors import to_rgba
from matplotlib.patches import Rectangle

from tinyseg.applications import FCN, UNet
from tinyseg.book.networks import COLORS, draw_unet


@pytest.fixture
def axis(monkeypatch):
    """Return what gives the axis of the last drawing; nothing is shown."""
    monkeypatch.setattr(plt, "show", lambda: None)
    yield plt.gca
    plt.close("all")


@pytest.mark.parametrize("depth", [1, 3])
def test_boxes_and_connections(axis, depth):
    """Two convolutions a level on either way, one transposed a level, two at the bottom, and the scores."""
    draw_unet(UNet((None, None, 1), classes=1, filters=8, depth=depth, batch_normalization=False), side=32)
    boxes = [patch for patch in axis().patches if isinstance(patch, Rectangle)]
    of = {kind: [box for box in boxes if box.get_facecolor() == to_rgba(color)] for kind, color in COLORS.items()}
    assert [len(of[kind]) for kind in ("convolution", "transposed convolution", "scores")] == [4 * depth + 2, depth, 1]
    texts = [text.get_text() for text in axis().texts if text.get_text()]
    assert [text for text in texts if "skip" in text] == [
        f"skip at {32 >> k} x {32 >> k}" for k in reversed(range(depth))
    ]
    heights, widths = {box.get_height() for box in boxes}, {box.get_width() for box in of["convolution"]}
    assert heights == {32 / 2**k for k in range(depth + 1)}
    assert widths == {8 * 2**k / 4 for k in range(depth + 1)}
    assert len({box.get_x() for box in boxes}) == len(boxes)
    assert of["transposed convolution"][-1].get_y() == boxes[0].get_y()  # up to where the image was


def test_without_connections(axis):
    """A network without a way up has no connection across."""
    draw_unet(FCN((None, None, 1), classes=2, filters=4, depth=2, batch_normalization=False), side=16)
    assert not [text for text in axis().texts if "skip" in text.get_text()]
