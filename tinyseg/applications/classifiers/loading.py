"""Published weights: from a file of somebody's, or fetched from where they are published."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tinyseg_kernels.errors import InvalidInput

from tinyseg.models import Model

from .known import Known

if TYPE_CHECKING:
    from tinyseg.weights import Report


def load_published(
    model: Model, known: Known, variant: str, weights: str | os.PathLike[str], partly: bool = False
) -> Report:
    """Read weights into a model that was built by a network's function, or into an encoder.

    Args:
        model: With `tensor_names`: what its layers are called in files of PyTorch's. Other files are matched by the
            layers' names, or their order.
        known: The network.
        variant: 'torchvision' or 'keras'.
        weights: A file, or 'imagenet'.
        partly: Whether the file may hold more than the model: the head of a classifier whose body is an encoder here.

    Returns:
        What was loaded from where.

    Raises:
        InvalidInput: The file cannot be had or read, or does not fit.
    """
    from tinyseg import weights as reader

    tensors = reader.read(fetched(known, variant) if weights == "imagenet" else weights)
    mapping = model.tensor_names if tensors.layout == "torch" else None
    report = reader.load(model, tensors, mapping, strict=not partly)
    if report.missing:
        raise InvalidInput(f"{tensors.path}: {report.wrong()}")
    return report


def fetched(known: Known, variant: str = "torchvision") -> Path:
    """Return the file of a network's published weights in the cache; download it if it is not there.

    The cache is pooch's folder for tinyseg in the user's cache, or the one that TINYSEG_WEIGHTS names. What was
    downloaded must have the right SHA-256: torchvision's files carry the first 8 digits of theirs in their names.

    Raises:
        InvalidInput: There is no such file, no pooch, no network, or another checksum.
    """
    if variant != "torchvision" or known.weights is None:
        raise InvalidInput(
            f"{known.name}: weights='imagenet': no official file of the variant {variant!r} is known that can be read "
            "here; give the path of a file"
        )
    try:
        import pooch
    except ImportError as error:
        raise InvalidInput(
            f"{known.name}: weights='imagenet' needs the package pooch: pip install 'tinyseg[imagenet]'; or download "
            f"{known.weights.address} yourself and give its path"
        ) from error
    folder = Path(os.environ.get("TINYSEG_WEIGHTS") or pooch.os_cache("tinyseg"))
    name = known.weights.address.rpartition("/")[2]
    path = folder / name
    if not path.exists():
        _download(pooch, known, folder, name)
    if not pooch.file_hash(str(path), "sha256").startswith(known.weights.sha256):
        raise InvalidInput(
            f"{path}: its SHA-256 does not begin with {known.weights.sha256}: damaged, or another file; remove it"
        )
    return path


def _download(pooch: Any, known: Known, folder: Path, name: str) -> None:
    """Fetch a file beside its place, check it, and only then give it its name."""
    from tinyseg.utils.files import atomic_path

    assert known.weights is not None
    folder.mkdir(parents=True, exist_ok=True)
    show = _has_progress_bar()
    with atomic_path(folder / name) as temporary:
        try:
            pooch.HTTPDownloader(progressbar=show, timeout=30)(known.weights.address, str(temporary), None)
        except (OSError, ValueError) as error:  # requests' errors are OSErrors
            raise InvalidInput(
                f"{known.name}: could not download {known.weights.address} ({type(error).__name__}); without a "
                f"network, get the file elsewhere and give its path, or put it at {folder / name}"
            ) from error
        if not pooch.file_hash(str(temporary), "sha256").startswith(known.weights.sha256):
            raise InvalidInput(
                f"{known.name}: what came from {known.weights.address} does not have the SHA-256 "
                f"{known.weights.sha256}...; nothing was kept"
            )


def _has_progress_bar() -> bool:
    """Return whether tqdm is there, by which pooch shows how far it is."""
    try:
        import tqdm  # noqa: F401
    except ImportError:
        return False
    return True
