"""All that `tinyseg gradcheck` checks, by name."""

from __future__ import annotations

from collections.abc import Sequence

from tinyseg_kernels.errors import unknown_name

from .layer_cases import LAYER_CASES
from .network_cases import NETWORK_CASES
from .operation_cases import OPERATION_CASES
from .subject import Subject
from .update_cases import LOSS_CASES, METRIC_CASES, OPTIMIZER_CASES

SUBJECTS: tuple[Subject, ...] = (
    *LAYER_CASES,
    *NETWORK_CASES,
    *LOSS_CASES,
    *OPTIMIZER_CASES,
    *METRIC_CASES,
    *OPERATION_CASES,
)
"""Layers, networks whose layers are computed together, losses, optimizers, metrics, and the operations beneath them."""


def known_names() -> list[str]:
    """Return all names that subjects are chosen by."""
    return sorted({name for subject in SUBJECTS for name in subject.names})


def chosen(names: Sequence[str]) -> list[Subject]:
    """Return the subjects of these names, in order.

    All when there is no name. Raises `InvalidInput` for a name that is none.
    """
    known = known_names()
    for name in names:
        if name not in known:
            # Layers and the rest have capitals, operations have none: 'Conv2d' is rather 'Conv2D' than 'conv2d'.
            alike = [other for other in known if other[0].isupper()] if name[:1].isupper() else known
            raise unknown_name("layer, loss, optimizer, metric or operation", name, alike)
    return [subject for subject in SUBJECTS if not names or not set(names).isdisjoint(subject.names)]
