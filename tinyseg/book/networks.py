"""A drawing of a network that goes down and up again."""

from __future__ import annotations

from tinyseg.layers import Concatenate, Conv2D, Conv2DTranspose, MaxPooling2D
from tinyseg.models import Model

COLORS = {"convolution": "#30638e", "scores": "#d1495b", "transposed convolution": "#2a9d8f", "skip": "#edae49"}


def draw_unet(model: Model, side: int) -> None:
    """Draw the convolutions of a U-Net as boxes, as high as their image and as wide as their channels.

    Each pooling leads a level down, each transposed convolution a level up. A connection across is drawn where a
    transposed convolution's result is concatenated.

    Args:
        model: Layers in the order of the way through the network, as `tinyseg.applications.UNet` has them.
        side: Height and width of the image that the sizes are written for.
    """
    import matplotlib.pyplot as plt
    from matplotlib.patches import Rectangle

    axis = plt.subplots(figsize=(10, 3.8), layout="constrained")[1]
    left, level, lowest, kept, entered = 0.0, 0, 0, {}, 0.0
    for layer in model.layers:
        step = {MaxPooling2D: 1, Conv2DTranspose: -1}.get(type(layer), 0)
        if step == 1:
            kept[level] = left
        left, level = left + 6 * abs(step), level + step
        lowest, middle = max(lowest, level), -level * side * 0.6
        if isinstance(layer, Concatenate):
            axis.annotate(
                "",
                (entered - 1, middle),
                (kept[level], middle),
                arrowprops={"arrowstyle": "->", "color": COLORS["skip"], "lw": 2},
            )
            label = f"skip at {side >> level} x {side >> level}"
            axis.text((kept[level] + entered) / 2, middle + 1.5, label, ha="center", fontsize=8)
        if isinstance(layer, (Conv2D, Conv2DTranspose)):
            kind = "transposed convolution" if step else "scores" if layer.kernel_size == (1, 1) else "convolution"
            height, width, entered = side / 2**level, layer.filters / 4, left if step else entered
            axis.add_patch(Rectangle((left, middle - height / 2), width, height, facecolor=COLORS[kind]))
            axis.text(left + width / 2, middle + height / 2 + 1, str(layer.filters), ha="center", fontsize=7)
            left += width + 2
    axis.set_xlim(-2, left + 2)
    axis.set_ylim(-lowest * side * 0.6 - side / 4, side * 0.65)
    axis.axis("off")
    axis.set_title(
        "height: pixels; width: channels. blue: convolution 3x3; green: transposed 2x2; red: 1x1", fontsize=9
    )
    plt.show()
