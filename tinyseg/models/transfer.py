"""Starting from what another network learnt: frozen parts. `heads.py` gives it a new head."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tinyseg.layers.layer import Layer

if TYPE_CHECKING:
    from .network import Network


def layers_until(model: Network, until: str | None) -> list[Layer]:
    """Return the layers that the named one's result depends on, itself included; all layers for None.

    In a U-Net, a layer's way down: what stands beside it, such as the way up, is not among them.
    """
    if until is None:
        return list(model.layers)
    layer = model.get_layer(until)
    last = max(k for k, step in enumerate(model.graph.steps) if step.layer is layer)
    needed = {last}
    for k in range(last, -1, -1):
        if k in needed:
            needed.update(model.graph.steps[k].inputs)
    return list(dict.fromkeys(model.graph.steps[k].layer for k in sorted(needed)))


def freeze(model: Network, until: str | None = None) -> list[str]:
    """Freeze layers: no optimizer changes their parameters, and no batch their moving averages.

    A frozen BatchNormalization normalises by its moving averages in training, too: with those of a few images, the
    parameters that were learnt with other statistics would be worth little.

    Args:
        model: The model.
        until: The last layer to freeze, with all that its result depends on; None freezes all.

    Returns:
        The names of the frozen layers that have parameters.

    Raises:
        InvalidInput: There is no such layer.

    Example:
        >>> from tinyseg.layers import Conv2D, Input
        >>> from tinyseg.models import Sequential, freeze
        >>> model = Sequential([Input((8, 8, 1)), Conv2D(4, 3, name="first"), Conv2D(2, 1, name="second")])
        >>> freeze(model, "first"), list(model.trainable_parameters)
        (['first'], ['second/kernel', 'second/bias'])
    """
    return _set_trainable(model, until, False)


def unfreeze(model: Network, until: str | None = None) -> list[str]:
    """Let layers learn again: the named one and all that its result depends on, or all for None; see `freeze`.

    The optimizer's averages for them are those from before they were frozen.

    Example:
        >>> from tinyseg.layers import Conv2D, Input
        >>> from tinyseg.models import Sequential, freeze, unfreeze
        >>> model = Sequential([Input((8, 8, 1)), Conv2D(4, 3, name="first")])
        >>> freeze(model), unfreeze(model)
        (['first'], ['first'])
    """
    return _set_trainable(model, until, True)


def _set_trainable(model: Network, until: str | None, value: bool) -> list[str]:
    chosen = layers_until(model, until)
    for layer in chosen:
        layer.trainable = value
    return [layer.name for layer in chosen if layer.parameters]
