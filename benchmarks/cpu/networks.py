"""Whole training steps and inference: the networks and batches."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from ..common.networks import NetworkCase, article, separable, unet


def cases(tiny: bool) -> Iterator[NetworkCase]:
    """Return the cases; tiny ones have the same code and a few numbers."""
    for shape in [(2, 8, 2, 1)] if tiny else [(8, 128, 16, 3), (4, 256, 32, 4)]:
        for batch_normalization in (True, False):
            yield _named(unet(*shape, batch_normalization=batch_normalization))
    for batch in (2,) if tiny else (8, 32):
        yield _named(article(batch, *((10, 4, 8) if tiny else (224, 64, 128))))
    yield _named(separable(*((2, 8, 4, 1) if tiny else (4, 256, 32, 4))))


def _named(case: NetworkCase) -> NetworkCase:
    return replace(case, name=f"{case.name}, {'x'.join(map(str, (case.batch, *case.image)))}")
