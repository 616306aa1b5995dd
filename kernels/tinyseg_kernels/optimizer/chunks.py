"""Walking over tensors in chunks, with gradients and parameters prepared: for the rung of NumPy, and for optimizers written by hand on any device."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from ..device import is_device_array
from ..types import Array
from . import Preparation

CHUNK = 1 << 16
"""Numbers updated at a time on a CPU: the parameter, its gradient, its slots and two temporaries of a chunk stay in the cache, and no temporary has the
size of a parameter (99 million numbers in the article's network)."""


def prepared_chunks(
    parameters: Sequence[Array], gradients: Sequence[Array], slots: Sequence[Sequence[Array]], preparation: Preparation
) -> Iterator[tuple[Array, Array, list[Array]]]:
    """Yield (p, g, slots) as flat parts; each p has decayed and may be changed, g is scaled and cut and must stay. On a device a part is a whole tensor."""
    scales, clipvalue, decay = preparation
    for k, parameter in enumerate(parameters):
        scale = 1.0 if scales is None else scales[k]
        p, gradient, flat = parameter.reshape(-1), gradients[k].reshape(-1), [slot[k].reshape(-1) for slot in slots]
        on_device = is_device_array(p)
        step = max(p.size, 1) if on_device else CHUNK
        for start in range(0, p.size, step):
            part = slice(start, start + step)
            p_part, g = p[part], gradient[part]
            if on_device:
                g = g if scales is None else g * scale  # comparing it with 1 would wait for the device
            else:
                g = g * p.dtype.type(scale) if scale != 1.0 else g
            if clipvalue is not None:
                g = np.clip(g, p.dtype.type(-clipvalue), p.dtype.type(clipvalue))
            if decay:
                p_part -= p_part * p.dtype.type(decay)
            yield p_part, g, [array[part] for array in flat]
