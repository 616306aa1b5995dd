"""Does an explanation depend on what the network has learnt? Its maps must change when the weights are random."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
from tinyseg_kernels.errors import InvalidInput
from tinyseg_kernels.types import FloatArray

from tinyseg.models.model import Model


@dataclass(frozen=True)
class Randomized:
    """After the weights of one more layer were shuffled.

    Attributes:
        layer: Its name.
        correlation: Spearman's rank correlation of the map with that of the trained network: 1 if it is the same, 0 if
            it has nothing to do with it.
    """

    layer: str
    correlation: float


def randomization_test(model: Model, explain: Callable[[Model], FloatArray], *, seed: int = 0) -> Iterable[Randomized]:
    """Make the weights random, layer by layer from the last to the first, and yield how like the map stays.

    The numbers of each array with more than one are shuffled, so that their sizes stay. A method whose map stays the
    same shows edges of the image, not what the network uses (guided backpropagation is one).

    Source: Adebayo et al., "Sanity Checks for Saliency Maps", NeurIPS 2018: cascading randomization.

    Args:
        model: A trained network; it is not changed.
        explain: Makes a map (H, W) with the network that it is given; class and place must be fixed.
        seed: Of the shuffling.

    Raises:
        InvalidInput: A network without weights.

    Example:
        >>> import numpy as np
        >>> from tinyseg.applications import FCN
        >>> from tinyseg.explain import randomization_test, saliency
        >>> model, image = FCN((None, None, 1), classes=3, filters=4, depth=1), np.ones((8, 6, 1))
        >>> found = list(randomization_test(model, lambda m: saliency(m, image, 2, pixel=(4, 3)).map))
        >>> found[0].layer
        'scores'
    """
    other = copy.deepcopy(model)
    layers = [layer for layer in other.layers if layer.parameters]
    if not layers:
        raise InvalidInput(f"{model.label}: expected a network with weights")
    generator, trained = np.random.default_rng(seed), explain(model)
    for layer in reversed(layers):
        arrays = layer.get_weights()
        layer.set_weights([_shuffled(array, generator) for array in arrays])
        yield Randomized(layer.name, _rank_correlation(trained, explain(other)))


def _shuffled(array: FloatArray, generator: np.random.Generator) -> FloatArray:
    return generator.permutation(array.ravel()).reshape(array.shape) if array.size > 1 else array


def _rank_correlation(a: FloatArray, b: FloatArray) -> float:
    """Return Spearman's correlation; 0 when one of them is constant."""
    from scipy.stats import rankdata

    ranks = [rankdata(values.ravel()) for values in (a, b)]
    if any(np.ptp(rank) == 0 for rank in ranks):
        return 0.0
    return float(np.corrcoef(ranks)[0, 1])
