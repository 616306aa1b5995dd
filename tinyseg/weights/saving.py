"""`save`: the weights of a model as safetensors, also with PyTorch's names and layout."""

from __future__ import annotations

import os

import numpy as np
from tinyseg_kernels.device import to_host
from tinyseg_kernels.errors import InvalidInput
from tinyseg_kernels.types import Array

from tinyseg.models.network import Network
from tinyseg.models.saving import save_weights, write_tensors
from tinyseg.utils.files import as_path
from tinyseg.utils.foreign_files import check_ending

from .flattening import orders_of
from .layouts import PRELU
from .pairing import Mapped, targets_of


def save(
    model: Network, path: str | os.PathLike[str], *, layout: str = "tinyseg", mapping: Mapped | None = None
) -> None:
    """Write the weights of a model to a .safetensors file, whole or not at all; one model gives the same bytes always.

    Args:
        model: The model.
        path: The file.
        layout: 'tinyseg', as `model.save_weights` writes it, or 'torch': filters first, dense kernels transposed and
            behind a `Flatten` in the order (C, H, W), and the names of PyTorch's modules. So
            `torch_model.load_state_dict(safetensors.torch.load_file(path))` takes it.
        mapping: With 'torch': for each layer's name that of the module, as for `load`; without it the layer's own
            name, with dots for the networks that it is in.

    Raises:
        InvalidInput: Another ending, two arrays of one name, or a PReLU with weights for each pixel with 'torch'.

    Example:
        >>> import os
        >>> import tempfile
        >>> from tinyseg import weights
        >>> from tinyseg.layers import Dense, Input
        >>> from tinyseg.models import Sequential
        >>> model = Sequential([Input((3,)), Dense(2, name="scores")])
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     file = os.path.join(folder, "scores.safetensors")
        ...     weights.save(model, file, layout="torch", mapping={"scores": "classifier.1"})
        ...     tensors = weights.read(file)
        ...     print([(name, tensors[name].shape) for name in tensors])
        ...
        [('classifier.1.bias', (2,)), ('classifier.1.weight', (2, 3))]
    """
    path = as_path(path)
    check_ending(path, "weights")
    if layout == "tinyseg":
        if mapping is not None:
            raise InvalidInput("mapping: names of modules go with layout='torch'")
        save_weights(model, path)
    elif layout == "torch":
        write_tensors(path, torch_tensors(model, mapping), {"format": "pt"})
    else:
        raise InvalidInput(f"layout: expected 'tinyseg' or 'torch', got {layout!r}")


def torch_tensors(model: Network, mapping: Mapped | None = None) -> dict[str, Array]:
    """Return the arrays of a model under PyTorch's names and in its layout, in C order."""
    orders, found = orders_of(model), dict[str, Array]()
    for target in targets_of(model, "torch"):
        module = mapping(target.path) if callable(mapping) else (mapping or {}).get(target.path)
        module = target.path.replace("/", ".") if module is None else module
        for name, (suffix, rule) in target.rules.items():
            array = to_host(target.array(name))
            order = orders.get(target.layer)
            if order is not None and rule.row is not None:
                there = np.empty_like(array)
                there[order] = array
                array = there
            if rule is PRELU and array.size != array.shape[-1]:
                raise InvalidInput(f"{target.layer.label}: PyTorch has one weight for each channel, not for each pixel")
            key = f"{module}.{suffix}" if module else suffix
            if key in found:
                raise InvalidInput(f"mapping: two arrays would have the name {key!r}")
            found[key] = np.asarray(rule.backward(array), order="C")
    return found
