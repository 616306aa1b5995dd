"""A training step's time, layer by layer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .figures import new_figure

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from tinyseg.models.profiling import LayerProfile, Profile

FORWARD, BACKWARD, OTHER = "#30638e", "#d1495b", "#888888"


def plot_profile(profile: Profile) -> Figure:
    """Draw forward and backward of each layer as bars, and the memory that it keeps; return the figure.

    Loss, optimizer and the rest stand below.

    Example:
        >>> from tinyseg.applications import UNet
        >>> from tinyseg.models.profiling import profile_training
        >>> from tinyseg.visualization import plot_profile
        >>> model = UNet((32, 32, 1), classes=2, filters=4, depth=2)
        >>> model.compile("adam", "sparse_categorical_crossentropy")
        >>> figure = plot_profile(profile_training(model, (2, 32, 32, 1), steps=1))
        >>> [axis.get_xlabel().partition(",")[0] for axis in figure.axes][1]
        'kept for the backward pass'
    """
    layers = profile.layers
    others = [("loss", profile.loss), ("optimizer", profile.update), ("between the layers", profile.rest)]
    names = [_name(layer) for layer in layers] + [name for name, _ in others]
    figure, axes = new_figure(1, 2, 11, 1.5 + 0.22 * len(names))
    times, memory = axes[0]
    places = range(len(layers))
    forward = [1e3 * layer.forward for layer in layers]
    times.barh(places, forward, color=FORWARD, label="forward")
    times.barh(places, [1e3 * layer.backward for layer in layers], left=forward, color=BACKWARD, label="backward")
    below = range(len(layers), len(names))
    times.barh(below, [1e3 * seconds for _, seconds in others], color=OTHER, label="not a layer's")
    for k, layer in enumerate(layers):
        if layer.flops and layer.seconds:
            times.text(
                1e3 * layer.seconds, k, f" {layer.flops / layer.seconds / 1e9:.0f} GFLOP/s", va="center", fontsize=6
            )
    times.set_yticks(range(len(names)), names, fontsize=7)
    times.set_xlabel(f"ms of a step of {1e3 * profile.step:.1f} ms")
    times.legend(frameon=False, fontsize=8)
    memory.barh(places, [layer.kept / 2**20 for layer in layers], color=OTHER)
    memory.set_yticks(range(len(names)), [])
    memory.set_xlabel("kept for the backward pass, MiB")
    for axis in (times, memory):
        axis.set_ylim(len(names) - 0.4, -0.6)
        axis.grid(axis="x", alpha=0.25)
    shape = "x".join(map(str, profile.input_shape))
    figure.suptitle(f"backend {profile.backend}, batch {shape}", fontsize=10)
    return figure


def _name(layer: LayerProfile) -> str:
    return layer.name if layer.computed_with is None else f"{layer.name} (with {layer.computed_with})"
