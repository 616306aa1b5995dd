"""Model: a trainable network that can be saved, summarised, and taken apart."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from typing import Any, Unpack

from tinyseg_kernels.errors import InvalidInput, unknown_name
from tinyseg_kernels.types import Array

from tinyseg.utils.arguments import checks_arguments
from tinyseg.utils.types import JsonObject

from .architecture import architecture_of, enters, from_config
from .onnx.export import Exported, ExportOptions, export_onnx
from .plan import plan_text
from .preprocessing import Preprocessing
from .saving import load_checkpoint, load_weights, save_checkpoint, save_model, save_weights
from .summary import summary_text
from .training import Trainer
from .transfer import freeze, unfreeze


@enters("Model")
class Model(Trainer):
    """Keras's functional model: the layers between symbolic inputs and outputs.

    Example:
        >>> from tinyseg.models import Model
        >>> from tinyseg.layers import Dense, Input
        >>> x = Input(shape=(4,))
        >>> model = Model(inputs=x, outputs=Dense(2, activation="softmax")(x))
        >>> model.compile(optimizer="adam", loss="categorical_crossentropy", metrics=["accuracy"])
    """

    preprocessing: Preprocessing | None = None
    """What its images must be made into; saved and loaded with the model."""

    weights_report: object = None
    """What was loaded from where, for a network of `tinyseg.applications` with weights: print it."""
    tensor_names: Mapping[str, str] = {}
    """Layer -> its module's name in files of PyTorch's, for networks that have published weights."""

    def preprocess(self, images: Any, size: Sequence[int] | None = None) -> Array:
        """Return what the model takes for images as they are: bytes, or floats from 0 to 1.

        Args:
            images: One (H, W) or (H, W, C), a batch (N, H, W, C), or a list of images of any sizes.
            size: (height, width) to bring them to; that of the model's preprocessing when not given.

        Returns:
            A batch (N, H, W, C), float32.

        Raises:
            InvalidInput: The model has no `preprocessing`, or images of another kind.
        """
        if self.preprocessing is None:
            raise InvalidInput(
                f"{self.label}: it has no preprocessing; set model.preprocessing = Preprocessing(mean=..., std=...)"
            )
        return self.preprocessing.batch(images, size)

    def freeze(self, until: str | None = None) -> list[str]:
        """Freeze the layers up to the named one; see `tinyseg.models.freeze`."""
        return freeze(self, until)

    def unfreeze(self, until: str | None = None) -> list[str]:
        """Let the layers up to the named one learn again; see `tinyseg.models.unfreeze`."""
        return unfreeze(self, until)

    @checks_arguments("models.Model.summary")
    def summary(self, print_fn: Any = print, plan: bool = False) -> None:
        """Print a table of the layers: output shape, number of parameters, whether trained, and inputs.

        With `plan` also which layers are computed together, and why others are not.
        """
        print_fn(summary_text(self))
        if plan:
            print_fn(plan_text(self.graph))

    def get_config(self) -> JsonObject:
        """Return the architecture as JSON types: layers with their arguments, and how they are connected."""
        return architecture_of(self)

    @classmethod
    def from_config(cls, config: JsonObject, custom_objects: Mapping[str, object] | None = None) -> Model:
        """Make a model with fresh parameters from `get_config`'s result.

        Classes and functions of your own are found in `custom_objects`.
        """
        return from_config(config, custom_objects)

    def to_json(self, **options: Any) -> str:
        """Return the architecture as JSON text, for `tinyseg.models.model_from_json`.

        Options are those of `json.dumps`.
        """
        return json.dumps(self.get_config(), **options)

    @checks_arguments("models.Model.save")
    def save(self, filepath: str | os.PathLike[str], include_optimizer: bool = True) -> None:
        """Write architecture, parameters and, when compiled, the training set-up to one safetensors file, whole or not at all."""
        save_model(self, filepath, include_optimizer=include_optimizer)

    @checks_arguments("models.Model.save_weights")
    def save_weights(self, filepath: str | os.PathLike[str]) -> None:
        """Write parameters and state alone, by their layers' names."""
        save_weights(self, filepath)

    @checks_arguments("models.Model.load_weights")
    def load_weights(self, filepath: str | os.PathLike[str], skip_mismatch: bool = False) -> list[str]:
        """Read parameters by their layers' names; see `tinyseg.models.load_weights`."""
        return load_weights(self, filepath, skip_mismatch=skip_mismatch)

    def export(
        self,
        filepath: str | os.PathLike[str],
        format: str = "onnx",
        verbose: bool | None = None,
        input_signature: None = None,
        **options: Unpack[ExportOptions],
    ) -> Exported:
        """Write the network as ONNX, for ONNX Runtime, OpenVINO and other programs; docs/export.md says how to run it.

        The batch is free, and so are a height and width that are free here. The numbers are float32. Where onnxruntime
        is installed, the file is run once before it takes its place, and what it gives is compared.

        Args:
            filepath: A name that ends in .onnx; written whole or not at all.
            format: 'onnx'.
            verbose: Print what was written; None prints nothing.
            input_signature: Must be None: the inputs are those of the model.
            **options: opset_version (None: the newest that ONNX Runtime calls official), data_format of the file's
                inputs and outputs ('channels_last', as here, or 'channels_first'), images
                (`tinyseg.models.onnx.images.Images`: takes bytes and prepares them inside), mask (True: also return
                the class of each pixel), class_names and metadata (texts that the file carries), nodes (what draws
                layers of your own), and verify (False: not run).

        Returns:
            The path, the operators' version, names of inputs and outputs, and how far ONNX Runtime is from the network.

        Raises:
            InvalidInput: Layers that have no nodes (all are named), or an argument out of its range.

        Example:
            >>> import os
            >>> import tempfile
            >>> from tinyseg.layers import Conv2D, Input
            >>> from tinyseg.models import Model
            >>> x = Input((None, None, 1), name="image")
            >>> model = Model(x, Conv2D(2, 3, padding="same", activation="softmax", name="classes")(x))
            >>> with tempfile.TemporaryDirectory() as folder:
            ...     written = model.export(os.path.join(folder, "model.onnx"))
            ...
            >>> written.inputs, written.outputs, written.nodes
            (('image',), ('classes',), 5)
        """
        if format != "onnx":
            raise unknown_name("format", format, ("onnx",))
        if input_signature is not None:
            raise InvalidInput(f"{self.label}: input_signature: expected None, got {input_signature!r}")
        written = export_onnx(self, filepath, **options)
        if verbose:
            print(written)
        return written

    def save_checkpoint(
        self, filepath: str | os.PathLike[str], tensors: Mapping[str, Array], texts: Mapping[str, str]
    ) -> None:
        """Write parameters, state, optimizer, and the caller's own arrays and texts, to go on from.

        See `BackupAndRestore`.
        """
        save_checkpoint(self, filepath, tensors, texts)

    def load_checkpoint(self, filepath: str | os.PathLike[str]) -> tuple[dict[str, Array], dict[str, str]]:
        """Go back to where `save_checkpoint` was called; returns the caller's own arrays and texts."""
        return load_checkpoint(self, filepath)
