"""Models in files: safetensors, with the architecture as JSON in the header. Nothing in such a file is ever executed.

A file holds the arrays under 'parameters/<layer>/<name>', 'state/<layer>/<name>' and, for a compiled model,
'optimizer/<name>/<layer>/<parameter>'. The header's metadata holds 'format' ('tinyseg'), 'version' (1), 'model' (the
architecture) and 'training' (optimizer, losses, metrics).
"""

from __future__ import annotations

import json
import os
import zlib
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import numpy as np
from tinyseg_kernels.device import like, to_host
from tinyseg_kernels.errors import InvalidInput
from tinyseg_kernels.types import Array

from tinyseg import losses, optimizers
from tinyseg.layers.lambda_layer import Lambda
from tinyseg.utils.arguments import checks_arguments
from tinyseg.utils.custom_objects import custom_object_scope, saved_name
from tinyseg.utils.files import atomic_path, existing_file
from tinyseg.utils.foreign_files import check_ending, foreign_content
from tinyseg.utils.types import JsonObject

from . import plain_safetensors
from .architecture import architecture_of, from_architecture
from .matching import LAYERS, Renaming, layers_text
from .saving_limits import check_size

if TYPE_CHECKING:
    from .model import Model
    from .network import Network

FORMAT, VERSION = "tinyseg", "1"
CHECKSUM = "checksum"


def write_tensors(path: str | os.PathLike[str], tensors: Mapping[str, Array], metadata: Mapping[str, str]) -> None:
    """Write arrays and texts to a safetensors file, whole or not at all; raises OSError naming the path."""
    arrays = {key: np.asarray(to_host(a), order="C") for key, a in tensors.items()}
    texts = {**metadata, CHECKSUM: checksum(arrays, metadata)}
    with atomic_path(path) as temporary:
        try:
            from safetensors import SafetensorError
            from safetensors.numpy import save_file
        except ImportError:  # in a browser tab
            return plain_safetensors.save_file(arrays, temporary, texts)
        # save_file writes to a temporary file with a name of its own choosing. In a folder named after ours, what a
        # killed process leaves of it can be told.
        with TemporaryDirectory(prefix=f"{temporary.name}-", dir=temporary.parent) as folder:
            written = Path(folder, temporary.name)
            try:
                save_file(arrays, written, texts)
                _sort_header(written)
                written.replace(temporary)
            except SafetensorError as error:  # how safetensors reports a full disk
                raise OSError(None, f"{error}") from error
    return None


def _sort_header(path: Path) -> None:
    """Bring the texts of a safetensors file into order.

    It writes them in another one each time, and one model should be one file.
    """
    with path.open("r+b") as file:
        length = int.from_bytes(file.read(8), "little")
        header = json.loads(file.read(length))
        header["__metadata__"] = dict(sorted(header["__metadata__"].items()))
        text = json.dumps(header, ensure_ascii=False, separators=(",", ":")).encode()
        if len(text) <= length:
            file.seek(8)
            file.write(text.ljust(length))


def read_tensors(path: str | os.PathLike[str]) -> tuple[dict[str, Array], dict[str, str]]:
    """Read arrays and texts of a safetensors file.

    Raises:
        InvalidInput: The file does not exist, is truncated or damaged, or is not a safetensors file.
    """
    try:
        path = existing_file(path)
    except InvalidInput:
        _refuse_foreign(path)
        raise
    try:
        tensors, metadata = _arrays_and_texts(path)
    except (OSError, ValueError, TypeError, LookupError, OverflowError, AttributeError) as error:
        # AttributeError: a dtype that NumPy does not have.
        _refuse_foreign(path)  # only now: a header's length can look like the beginning of anything
        raise InvalidInput(
            f"{path}: not a readable safetensors file, perhaps corrupt or truncated ({error})"
        ) from error
    expected = metadata.pop(CHECKSUM, None)  # a file that another program wrote has none
    if expected is not None and expected != checksum(tensors, metadata):
        raise InvalidInput(f"{path}: damaged: what is in it does not fit its checksum {expected}")
    return tensors, metadata


def _arrays_and_texts(path: Path) -> tuple[dict[str, Array], dict[str, str]]:
    """Read with the package; without it, in a browser tab, with `plain_safetensors`."""
    try:
        from safetensors import SafetensorError, safe_open
    except ImportError:
        return plain_safetensors.load_file(path)
    try:
        with safe_open(path, framework="numpy") as file:
            return {key: file.get_tensor(key) for key in file.keys()}, file.metadata() or {}  # noqa: SIM118
    except SafetensorError as error:
        raise ValueError(str(error)) from error


def _refuse_foreign(path: str | os.PathLike[str]) -> None:
    """Raise InvalidInput for a file or folder of another program, with its name."""
    kind = foreign_content(Path(path))
    if kind is not None:
        raise InvalidInput(f"{path}: this is {kind}; tinyseg reads its own files only, which are safetensors")


def checksum(tensors: Mapping[str, Array], metadata: Mapping[str, str]) -> str:
    """Return the CRC-32 of all texts and arrays: a flipped bit would otherwise load as another number."""
    value = 0
    for key in sorted(metadata):
        value = zlib.crc32(f"{key}={metadata[key]}".encode(), value)
    for key in sorted(tensors):
        array = np.ascontiguousarray(tensors[key])
        value = zlib.crc32(f"{key} {array.dtype} {tensors[key].shape}".encode(), value)
        value = zlib.crc32(array.reshape(-1).view(np.uint8).data, value)
    return f"{value:08x}"


def model_tensors(model: Network) -> dict[str, Array]:
    """Return all arrays of a model's layers under the names they have in a file.

    The layers' own arrays, where they compute.
    """
    parameters = {
        f"parameters/{layer.name}/{key}": a for layer in model.graph.layers for key, a in layer.parameters.items()
    }
    state = {f"state/{layer.name}/{key}": a for layer in model.graph.layers for key, a in layer.state.items()}
    return parameters | state


@checks_arguments("models.save_model")
def save_model(model: Model, filepath: str | os.PathLike[str], *, include_optimizer: bool = True) -> None:
    """Write a model to one file; see `Model.save`.

    Example:
        >>> import os
        >>> import tempfile
        >>> from tinyseg.layers import Dense, Input
        >>> from tinyseg.models import Sequential, save_model
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     save_model(Sequential([Input((3,)), Dense(2)]), os.path.join(folder, "model.safetensors"))
        ...     print(os.listdir(folder))
        ...
        ['model.safetensors']
    """
    check_ending(filepath, "model")
    if include_optimizer:
        check_functions(model)
    tensors, metadata = (
        model_tensors(model),
        {"format": FORMAT, "version": VERSION, "kind": "model", LAYERS: layers_text(model)},
    )
    metadata["model"] = json.dumps(architecture_of(model))
    if include_optimizer and model.optimizer is not None:
        metadata["training"] = json.dumps(training_config(model))
        tensors |= {f"optimizer/{key}": array for key, array in model.optimizer.state().items()}
    write_tensors(filepath, tensors, metadata)


def check_functions(model: Model) -> None:
    """Refuse two functions of one name, such as two lambdas: loading could not tell them apart."""
    found: dict[str, Any] = {}
    metrics = [metric for collection in model.metrics for metric in collection.metrics]
    activations = [getattr(getattr(layer, "activation", None), "forward", None) for layer in model.graph.layers]
    functions = [part.function for part in (*model.losses, *metrics, *activations) if hasattr(part, "function")]
    functions += [f for layer in model.graph.layers if isinstance(layer, Lambda) for f in layer.functions]
    for function in functions:
        name = saved_name(function)
        if found.setdefault(name, function) is not function:
            raise InvalidInput(
                f"{model.label}: two functions have the name {name!r}, which a file could not tell apart; give one another name"
            )


def training_config(model: Model) -> JsonObject:
    """Return what `compile` was given, as JSON types."""
    return {
        "optimizer": optimizers.serialize(model.optimizer),
        "losses": [None if loss is None else losses.serialize(loss) for loss in model.losses],
        "loss_weights": model.loss_weights,
        "metrics": [collection.serialize() for collection in model.metrics],
        "weighted_metrics": [collection.serialize(weighted=True) for collection in model.metrics],
    }


@checks_arguments("models.load_model")
def load_model(
    filepath: str | os.PathLike[str], custom_objects: Mapping[str, object] | None = None, compile: bool = True
) -> Model:
    """Read a model that `save` wrote: architecture, parameters and, if it was compiled, its training set-up.

    Args:
        filepath: The file.
        custom_objects: Your own classes and functions by name, if the model has any: layers, activations, losses,
            metrics, optimizers. Those that are registered (`tinyseg.utils.register_keras_serializable`) are found
            without.
        compile: Whether to restore optimizer, losses and metrics, so that training goes on where it was.

    Raises:
        InvalidInput: No such file, not a model file, corrupt, or a layer that is not known.

    Example:
        >>> import numpy as np, os, tempfile
        >>> from tinyseg.layers import Dense, Input
        >>> from tinyseg.models import Sequential, load_model
        >>> model = Sequential([Input((3,)), Dense(2)])
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     file = os.path.join(folder, "model.safetensors")
        ...     model.save(file)
        ...     again = load_model(file)
        ...
        >>> x = np.ones((1, 3), "float32")
        >>> bool((model.predict(x, verbose=0) == again.predict(x, verbose=0)).all())
        True
    """
    tensors, metadata = read_tensors(filepath)
    is_model = metadata.get("kind") == "model" and "model" in metadata
    _check_file(filepath, metadata, is_model, "not a tinyseg model (weights alone are read with model.load_weights)")
    try:
        description = json.loads(metadata["model"])
        with custom_object_scope(custom_objects):
            check_size(description, tensors, custom_objects or {})
            model = from_architecture(description, custom_objects or {})
            restore_tensors(model, tensors)
            if compile and "training" in metadata:
                restore_training(model, json.loads(metadata["training"]), tensors)
    except InvalidInput as error:
        damaged = "the architecture in the file is damaged: " if isinstance(error, TypeError) else ""
        raise InvalidInput(f"{filepath}: {damaged}{error}") from error
    except MemoryError as error:  # a metric of a million classes, say
        raise InvalidInput(f"{filepath}: needs more memory than there is ({error})") from error
    except (
        *(LookupError, TypeError, ValueError, AttributeError),
        *(ArithmeticError, AssertionError, RecursionError),
    ) as error:
        raise InvalidInput(
            f"{filepath}: the architecture in the file is damaged ({type(error).__name__}: {error})"
        ) from error
    return model


def _check_file(path: str | os.PathLike[str], metadata: Mapping[str, str], is_wanted: bool, otherwise: str) -> None:
    """Refuse a file that is not ours, not of the wanted kind, or of a version that this tinyseg does not know."""
    if metadata.get("format") != FORMAT or not is_wanted:
        raise InvalidInput(f"{path}: {otherwise}")
    if metadata.get("version") != VERSION:
        raise InvalidInput(
            f"{path}: file version {metadata.get('version')!r} is not known, expected {VERSION!r}; update tinyseg"
        )


def restore_tensors(model: Network, tensors: Mapping[str, Array]) -> None:
    """Copy arrays of a file into a model of the same architecture.

    All must be there with the right shapes and dtypes.
    """
    model.to_backend()
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
        array[...] = like(array, tensors[key])


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
    metadata = {"format": FORMAT, "version": VERSION, "kind": "checkpoint", LAYERS: layers_text(model), **texts}
    write_tensors(filepath, content, metadata)


def load_checkpoint(model: Model, filepath: str | os.PathLike[str]) -> tuple[dict[str, Array], dict[str, str]]:
    """Bring a compiled model to where `save_checkpoint` found it; returns the caller's own arrays and texts.

    Raises:
        InvalidInput: Not a checkpoint, corrupt, or of another model.
    """
    tensors, metadata = read_tensors(filepath)
    _check_file(filepath, metadata, metadata.get("kind") == "checkpoint", "not a checkpoint of tinyseg")
    try:
        saved = {key: array for key, array in tensors.items() if key.startswith(("parameters/", "state/"))}
        renaming = Renaming(model, model_tensors(model), saved, metadata.get(LAYERS), partly=False)
        here = {_renamed(key, renaming): array for key, array in tensors.items()}
        restore_tensors(model, here)
        restore_optimizer(model, here)
    except InvalidInput as error:
        raise InvalidInput(f"{filepath}: the checkpoint is of another model: {error}") from error
    return _below("extra/", tensors), metadata


def _renamed(key: str, renaming: Renaming) -> str:
    """Return what an array of a file is called in a model.

    One that there is not keeps its name behind a mark, so that it fits nothing.
    """
    kind, _, name = key.partition("/")
    if kind == "optimizer" and "/" in name:
        slot, _, name = name.partition("/")
        kind = f"{kind}/{slot}"
    elif kind not in ("parameters", "state"):
        return key
    to = renaming(name)
    return f"{kind}/{name} of the file" if to is None else f"{kind}/{to}"


def _below(prefix: str, tensors: Mapping[str, Array]) -> dict[str, Array]:
    return {key.removeprefix(prefix): array for key, array in tensors.items() if key.startswith(prefix)}


def restore_training(model: Model, config: JsonObject, tensors: Mapping[str, Array]) -> None:
    """Compile a model as it was when it was saved, and give the optimizer its state."""
    single, weighted = len(config["losses"]) == 1, config.get("weighted_metrics")
    model.compile(
        optimizer=config["optimizer"],
        loss=config["losses"],
        loss_weights=config["loss_weights"],
        metrics=config["metrics"][0] if single else config["metrics"],
        weighted_metrics=weighted[0] if weighted and single else weighted,
    )
    restore_optimizer(model, tensors)


def restore_optimizer(model: Model, tensors: Mapping[str, Array]) -> None:
    """Give the optimizer its state.

    Each slot must fit the parameter it belongs to, or it would only fail at the next step.
    """
    state = _below("optimizer/", tensors)
    for key, array in state.items():
        if key == "iterations":
            if array.shape != () or array.dtype.kind not in "iu" or array < 0:
                raise InvalidInput(f"array 'optimizer/iterations': expected a count, got {array.dtype} {array.shape}")
            continue
        parameter = model.parameters.get(key.partition("/")[2])
        if parameter is None:
            raise InvalidInput(f"array 'optimizer/{key}': the model has no such parameter")
        if array.shape != parameter.shape or array.dtype != parameter.dtype:
            raise InvalidInput(
                f"array 'optimizer/{key}': expected shape {parameter.shape} and {parameter.dtype}, "
                f"got {array.shape} and {array.dtype}"
            )
    model.optimizer.set_state(state)


def save_weights(model: Network, filepath: str | os.PathLike[str]) -> None:
    """Write a model's parameters and state alone; see `Model.save_weights`.

    Example:
        >>> import os
        >>> import tempfile
        >>> from tinyseg.layers import Dense, Input
        >>> from tinyseg.models import Sequential, save_weights
        >>> model = Sequential([Input((3,)), Dense(2)])
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     save_weights(model, os.path.join(folder, "model.weights.safetensors"))
        ...     print(os.listdir(folder))
        ...
        ['model.weights.safetensors']
    """
    check_ending(filepath, "weights")
    metadata = {"format": FORMAT, "version": VERSION, "kind": "weights", LAYERS: layers_text(model)}
    write_tensors(filepath, model_tensors(model), metadata)


def load_weights(model: Network, filepath: str | os.PathLike[str], *, skip_mismatch: bool = False) -> list[str]:
    """Copy parameters and state from a file into the layers of the same name.

    Layers with automatic names are matched in their order (see `matching.py`).

    Args:
        model: The model to fill; it may have other layers than the one that was saved.
        filepath: A file of `save_weights` or `save`.
        skip_mismatch: Leave out what does not fit (a name that only one side has, another shape) instead of raising.
            This is how weights of one task start another one: layers with the same names take them, new heads keep
            their own.

    Returns:
        What was skipped, one line each with the reason; nothing in silence.

    Raises:
        InvalidInput: Something does not fit and `skip_mismatch` is false, or nothing at all fits.

    Example:
        >>> import os
        >>> import tempfile
        >>> from tinyseg.layers import Dense, Input
        >>> from tinyseg.models import Sequential, load_weights
        >>> one, other = (Sequential([Input((3,)), Dense(2, name="scores")]) for _ in range(2))
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     file = os.path.join(folder, "model.weights.safetensors")
        ...     one.save_weights(file)
        ...     names = load_weights(other, file)
        ...
        >>> bool((one.get_weights()[0] == other.get_weights()[0]).all())
        True
    """
    tensors, metadata = read_tensors(filepath)
    _check_file(filepath, metadata, True, "not a tinyseg weights file")
    model.to_backend()
    own = model_tensors(model)
    saved = {key: array for key, array in tensors.items() if key.startswith(("parameters/", "state/"))}
    try:
        renaming = Renaming(model, own, saved, metadata.get(LAYERS), partly=skip_mismatch)
    except InvalidInput as error:
        raise InvalidInput(f"{filepath}: {error}") from None
    fitting, skipped, left = _fitting(own, saved, renaming)
    if not fitting:
        raise InvalidInput(
            f"{filepath}: nothing in it fits the model {model.name!r}: {'; '.join(skipped[:4])}{renaming.unsure}"
        )
    if skipped and not skip_mismatch:
        raise InvalidInput(
            f"{filepath}: {len(skipped)} arrays do not fit the model {model.name!r}: {'; '.join(skipped[:4])}"
            f"{' ...' if len(skipped) > 4 else ''}{renaming.unsure}; use skip_mismatch=True to load the others"
        )
    for key, array in fitting.items():
        with np.errstate(over="ignore"):  # a float64 that no float32 can hold becomes infinite
            own[key][...] = like(own[key], array)
    return sorted(skipped + left)


def _fitting(
    own: Mapping[str, Array], saved: Mapping[str, Array], renaming: Renaming
) -> tuple[dict[str, Array], list[str], list[str]]:
    """Return the arrays that a model takes from a file, by its names, what does not fit, with the reason, and what would fit, but belongs to a layer that does not."""
    fitting: dict[str, Array] = {}
    skipped, there, unlike = [], set(), set()
    for key, array in saved.items():
        kind, _, name = key.partition("/")
        to = f"{kind}/{renaming(name)}"
        here, shown = own.get(to), name if to == key else f"{name} (for {to.partition('/')[2]})"
        there.add(to)
        if here is None:
            skipped.append(f"{name}: not in the model")
        elif here.dtype.kind != array.dtype.kind:
            skipped.append(f"{shown}: {array.dtype} in the file, {here.dtype} in the model")
        elif here.shape != array.shape:
            skipped.append(f"{shown}: shape {array.shape} in the file, {here.shape} in the model")
            unlike.add(_layer_of(to))
        else:
            fitting[to] = array
    skipped += [f"{key.partition('/')[2]}: not in the file" for key in own if key not in there]
    left = [key for key in fitting if _layer_of(key) in unlike]
    for key in left:
        del fitting[key]
    return (
        fitting,
        sorted(skipped),
        [f"{key.partition('/')[2]}: fits, but is left with the rest of its layer" for key in left],
    )


def _layer_of(key: str) -> str:
    return key.partition("/")[2].rpartition("/")[0]


__all__ = ["load_model", "load_weights", "save_model", "save_weights"]
