"""Models in files: safetensors, with the architecture as JSON in the header. Nothing in such a file is ever executed.

A file holds the arrays under 'parameters/<layer>/<name>', 'state/<layer>/<name>' and, for a compiled model, 'optimizer/<name>/<layer>/<parameter>'. The
header's metadata holds 'format' ('tinyseg'), 'version' (1), 'model' (the architecture) and 'training' (optimizer, losses, metrics).
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from tinyseg_kernels.errors import InvalidInput
from tinyseg_kernels.types import Array

from tinyseg import losses, optimizers
from tinyseg.utils.files import atomic_path

from .architecture import architecture_of, from_architecture

if TYPE_CHECKING:
    from .model import Model
    from .network import Network

FORMAT, VERSION = "tinyseg", "1"


def write_tensors(path: str | os.PathLike[str], tensors: Mapping[str, Array], metadata: Mapping[str, str]) -> None:
    """Write arrays and texts to a safetensors file, whole or not at all; raises OSError naming the path."""
    from safetensors import SafetensorError
    from safetensors.numpy import save_file

    with atomic_path(path) as temporary:
        try:
            save_file({key: np.asarray(a, order="C") for key, a in tensors.items()}, temporary, dict(metadata))
        except SafetensorError as error:  # how safetensors reports a full disk
            raise OSError(None, f"{error}") from error


def read_tensors(path: str | os.PathLike[str]) -> tuple[dict[str, Array], dict[str, str]]:
    """Read arrays and texts of a safetensors file.

    Raises:
        InvalidInput: The file does not exist, is truncated, or is not a safetensors file.
    """
    from safetensors import SafetensorError, safe_open

    path = Path(path)
    if path.is_dir():
        raise InvalidInput(f"{path}: expected a model file, got a folder")
    if not path.exists():
        raise InvalidInput(f"{path}: no such file")
    try:
        with safe_open(path, framework="numpy") as file:
            return {key: file.get_tensor(key) for key in file.keys()}, file.metadata() or {}  # noqa: SIM118
    except (SafetensorError, OSError, ValueError, TypeError, KeyError, OverflowError) as error:
        raise InvalidInput(
            f"{path}: not a readable safetensors file, perhaps corrupt or truncated ({error})"
        ) from error


def model_tensors(model: Network) -> dict[str, Array]:
    """Return all arrays of a model's layers under the names they have in a file."""
    parameters = {f"parameters/{layer.name}/{key}": a for layer in model.layers for key, a in layer.parameters.items()}
    state = {f"state/{layer.name}/{key}": a for layer in model.layers for key, a in layer.state.items()}
    return parameters | state


def save_model(model: Model, filepath: str | os.PathLike[str], *, include_optimizer: bool = True) -> None:
    """Write a model to one file; see `Model.save`."""
    tensors, metadata = model_tensors(model), {"format": FORMAT, "version": VERSION, "kind": "model"}
    metadata["model"] = json.dumps(architecture_of(model))
    if include_optimizer and model.optimizer is not None:
        metadata["training"] = json.dumps(training_config(model))
        tensors |= {f"optimizer/{key}": array for key, array in model.optimizer.state().items()}
    write_tensors(filepath, tensors, metadata)


def training_config(model: Model) -> dict[str, Any]:
    """Return what `compile` was given, as JSON types."""
    return {
        "optimizer": optimizers.serialize(model.optimizer),
        "losses": [None if loss is None else losses.serialize(loss) for loss in model.losses],
        "loss_weights": model.loss_weights,
        "metrics": [collection.serialize() for collection in model.metrics],
    }


def load_model(
    filepath: str | os.PathLike[str], custom_objects: Mapping[str, Any] | None = None, compile: bool = True
) -> Model:
    """Read a model that `save` wrote: architecture, parameters and, if it was compiled, its training set-up.

    Args:
        filepath: The file.
        custom_objects: Your own layer classes by name, if the model has any.
        compile: Whether to restore optimizer, losses and metrics, so that training goes on where it was.

    Raises:
        InvalidInput: No such file, not a model file, corrupt, or a layer that is not known.
    """
    tensors, metadata = read_tensors(filepath)
    if metadata.get("format") != FORMAT or metadata.get("kind") != "model" or "model" not in metadata:
        raise InvalidInput(f"{filepath}: not a tinyseg model (weights alone are read with model.load_weights)")
    if metadata.get("version") != VERSION:
        raise InvalidInput(
            f"{filepath}: file version {metadata.get('version')!r} is not known, expected {VERSION!r}; update tinyseg"
        )
    try:
        model = from_architecture(json.loads(metadata["model"]), custom_objects or {})
        restore_tensors(model, tensors)
        if compile and "training" in metadata:
            restore_training(model, json.loads(metadata["training"]), tensors)
    except InvalidInput as error:
        raise InvalidInput(f"{filepath}: {error}") from error
    except (KeyError, TypeError, ValueError, AttributeError, IndexError, RecursionError) as error:
        raise InvalidInput(
            f"{filepath}: the architecture in the file is damaged ({type(error).__name__}: {error})"
        ) from error
    return model


def restore_tensors(model: Network, tensors: Mapping[str, Array]) -> None:
    """Copy arrays of a file into a model of the same architecture; all must be there with the right shapes and dtypes."""
    own = model_tensors(model)
    for key, array in own.items():
        if key not in tensors:
            raise InvalidInput(f"array {key!r} is missing")
        given = tensors[key]
        if given.shape != array.shape or given.dtype != array.dtype:
            raise InvalidInput(
                f"array {key!r}: expected shape {array.shape} and {array.dtype}, got {given.shape} and {given.dtype}"
            )
    for key, array in own.items():
        array[...] = tensors[key]


def save_checkpoint(
    model: Model,
    filepath: str | os.PathLike[str],
    tensors: Mapping[str, Array],
    texts: Mapping[str, str],
) -> None:
    """Write all that training depends on, the caller's own arrays ('extra/...') and texts included, to one file."""
    content = model_tensors(model)
    content |= {f"optimizer/{key}": array for key, array in model.optimizer.state().items()}
    content |= {f"extra/{key}": array for key, array in tensors.items()}
    metadata = {"format": FORMAT, "version": VERSION, "kind": "checkpoint", **texts}
    write_tensors(filepath, content, metadata)


def load_checkpoint(model: Model, filepath: str | os.PathLike[str]) -> tuple[dict[str, Array], dict[str, str]]:
    """Bring a compiled model to where `save_checkpoint` found it; returns the caller's own arrays and texts.

    Raises:
        InvalidInput: Not a checkpoint, corrupt, or of another model.
    """
    tensors, metadata = read_tensors(filepath)
    if metadata.get("format") != FORMAT or metadata.get("kind") != "checkpoint":
        raise InvalidInput(f"{filepath}: not a checkpoint of tinyseg")
    try:
        restore_tensors(model, tensors)
    except InvalidInput as error:
        raise InvalidInput(f"{filepath}: the checkpoint is of another model: {error}") from error
    model.optimizer.set_state(_below("optimizer/", tensors))
    return _below("extra/", tensors), metadata


def _below(prefix: str, tensors: Mapping[str, Array]) -> dict[str, Array]:
    return {key.removeprefix(prefix): array for key, array in tensors.items() if key.startswith(prefix)}


def restore_training(model: Model, config: Mapping[str, Any], tensors: Mapping[str, Array]) -> None:
    """Compile a model as it was when it was saved, and give the optimizer its state."""
    single = len(config["losses"]) == 1
    model.compile(
        optimizer=config["optimizer"],
        loss=config["losses"],
        loss_weights=config["loss_weights"],
        metrics=config["metrics"][0] if single else config["metrics"],
    )
    model.optimizer.set_state(_below("optimizer/", tensors))


def save_weights(model: Network, filepath: str | os.PathLike[str]) -> None:
    """Write a model's parameters and state alone; see `Model.save_weights`."""
    write_tensors(filepath, model_tensors(model), {"format": FORMAT, "version": VERSION, "kind": "weights"})


def load_weights(model: Network, filepath: str | os.PathLike[str], *, skip_mismatch: bool = False) -> list[str]:
    """Copy parameters and state from a file into the layers of the same name.

    Args:
        model: The model to fill; it may have other layers than the one that was saved.
        filepath: A file of `save_weights` or `save`.
        skip_mismatch: Leave out what does not fit (a name that only one side has, another shape) instead of raising. This is how weights of one task
            start another one: layers with the same names take them, new heads keep their own.

    Returns:
        What was skipped, one line each with the reason; nothing in silence.

    Raises:
        InvalidInput: Something does not fit and `skip_mismatch` is false, or nothing at all fits.
    """
    tensors, metadata = read_tensors(filepath)
    if metadata.get("format") != FORMAT:
        raise InvalidInput(f"{filepath}: not a tinyseg weights file")
    own = model_tensors(model)
    saved = {key: array for key, array in tensors.items() if not key.startswith("optimizer/")}
    skipped = [f"{key.partition('/')[2]}: not in the file" for key in own if key not in saved]
    skipped += [f"{key.partition('/')[2]}: not in the model" for key in saved if key not in own]
    fitting = []
    for key in own.keys() & saved.keys():
        if own[key].shape == saved[key].shape:
            fitting.append(key)
        else:
            skipped.append(
                f"{key.partition('/')[2]}: shape {saved[key].shape} in the file, {own[key].shape} in the model"
            )
    skipped.sort()
    if not fitting:
        raise InvalidInput(f"{filepath}: nothing in it fits the model {model.name!r}: {'; '.join(skipped[:4])}")
    if skipped and not skip_mismatch:
        raise InvalidInput(
            f"{filepath}: {len(skipped)} arrays do not fit the model {model.name!r}: {'; '.join(skipped[:4])}"
            f"{' ...' if len(skipped) > 4 else ''}; use skip_mismatch=True to load the others"
        )
    for key in fitting:
        own[key][...] = saved[key]
    return skipped


__all__ = ["load_model", "load_weights", "save_model", "save_weights"]
