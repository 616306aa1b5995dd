"""Every reader of files, each with valid files to damage. A new reader is one more entry of READERS."""

from __future__ import annotations

import functools
import gzip
import io
import shutil
import tempfile
import zipfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np
from PIL import Image

import tinyseg
from tests.datasets import scenes
from tests.datasets.blobs import write_blobs
from tests.datasets.encoded import FILES, encode, encode_image, pixels
from tests.datasets.test_mnist import arrays, idx, write
from tests.models.networks import classifier, images
from tests.weights import files as weight_files
from tinyseg import callbacks, weights
from tinyseg.datasets import SegmentationFolder, read_image, read_mask
from tinyseg.datasets.image_files import is_grey
from tinyseg.datasets.mnist import load_data, read_idx
from tinyseg.models import Model, from_onnx, load_model, plain_safetensors
from tinyseg.models.architecture import architecture_of
from tinyseg.models.saving import save_checkpoint
from tinyseg.optimizers import Adam
from tinyseg.runs import RunDescription, RunFolder, Settings
from tinyseg.runs.budget import TimeLimit

from . import protobuf
from .mutations import JSON, SAFETENSORS, TOML, Form, with_sound_checksums


@dataclass(frozen=True)
class Reader:
    """A reader and what it reads.

    Attributes:
        name: In the names of tests.
        files: Makes valid contents, by file name.
        read: Reads a file, looks at all that it gives, and fails if that is not sound.
        surround: Puts what the reader expects beside the file into a folder.
        form: How to see a file as a tree of values, if it is one.
        inner: (content -> what a checksum or compression hides, and back), so that damage gets past them.
        writes: The reader changes its folder.
        optional: A file that does not exist is no mistake.
        names_folder: Errors may name another file of the folder, which no longer fits the damaged one.
        share: Of the number of examples; below 1 for readers that are slow.
    """

    name: str
    files: Callable[[], Mapping[str, bytes]]
    read: Callable[[Path], Any]
    surround: Callable[[Path], Any] = lambda folder: None
    form: Form | None = None
    inner: tuple[Callable[[bytes], bytes], Callable[[bytes], bytes]] | None = None
    writes: bool = False
    optional: bool = False
    names_folder: bool = False
    share: float = 1.0
    contents: dict[str, bytes] = field(default_factory=dict)

    def sources(self) -> dict[str, bytes]:
        """Return the valid files, made once."""
        if not self.contents:
            self.contents.update(self.files())
        return self.contents

    @contextmanager
    def place(self) -> Iterator[Path]:
        """Give a folder that holds what the reader expects beside the file."""
        with tempfile.TemporaryDirectory(prefix="tinyseg-fuzz-") as name:
            folder = Path(name)
            self.surround(folder)
            yield folder


def _made(write_to: Callable[[Path], Any], name: str) -> Callable[[], dict[str, bytes]]:
    """Return what makes the one file that a function writes."""

    def files() -> dict[str, bytes]:
        with tempfile.TemporaryDirectory() as folder:
            write_to(Path(folder) / name)
            return {name: (Path(folder) / name).read_bytes()}

    return files


# Images --------------------------------------------------------------------------------------------------------------


def mask_files() -> dict[str, bytes]:
    """Return those of them that hold class ids."""
    names = ("grey.png", "palette.png", "bits.png", "grey.tif", "fax.tif", "rgb-lzw.tif", "rgb-deflate.tif")
    rgb = np.repeat(pixels("ids")[:, :, None], 3, axis=2)
    ids = {
        "rgb-lzw.tif": encode(rgb, "TIFF", compression="tiff_lzw"),
        "rgb-deflate.tif": encode(rgb, "TIFF", compression="tiff_adobe_deflate"),
    }
    deep = {
        "grey16.png": encode(pixels("ids").astype(np.uint16), "PNG"),
        "int32.tif": encode(pixels("ids").astype(np.int32), "TIFF"),
        "floats.tif": scenes.tiff(pixels("ids").astype(np.float64), 6, compression="zlib"),
        "planar.tif": scenes.tiff(np.stack([pixels("ids")] * 3), planarconfig="separate", photometric="rgb"),
        "truth.tif": scenes.tiff(pixels("bits")),
        "deep.png": scenes.deep_png(np.dstack([pixels("ids")] * 3), 6),
        "ids.gif": encode(pixels("ids"), "GIF"),
        "ids.webp": encode(rgb, "WEBP", lossless=True),
    }
    return {name: image_files()[name] for name in names} | ids | deep


def image_files() -> dict[str, bytes]:
    """Return those of the tests of images, and kinds that are rare."""
    floats = np.random.default_rng(0).random((13, 22), np.float32)
    return FILES | {
        "float.tif": encode(floats, "TIFF"),
        "int32.tif": encode((floats * 65535).astype(np.int32), "TIFF"),
        "cmyk.jpg": encode_image(Image.fromarray(pixels("rgb")).convert("CMYK"), "JPEG"),
        "jpeg.tif": encode(pixels("rgb"), "TIFF", compression="jpeg"),
        "fax.tif": encode(pixels("bits"), "TIFF", compression="group4"),
        "turned.jpg": encode_image(Image.fromarray(pixels("rgb")), "JPEG", exif=_turned()),
        "deep.png": scenes.deep_png(pixels("rgb").astype(np.uint16) * 257, 6),
        "deep-la.png": scenes.deep_png(pixels("la").astype(np.uint16) * 257),
        "rgb.bmp": encode(pixels("rgb"), "BMP"),
        "rgb.gif": encode(pixels("rgb"), "GIF"),
        "rgb.webp": encode(pixels("rgb"), "WEBP"),
        "grey.jp2": encode(pixels("grey16"), "JPEG2000"),
        "planar.tif": scenes.tiff(
            np.moveaxis(pixels("rgb"), -1, 0).astype(np.uint16), 6, planarconfig="separate", photometric="rgb"
        ),
        "tiles.tif": scenes.tiff(floats.astype(np.float64), tile=(16, 16), compression="zlib", byteorder=">"),
        "big.tif": scenes.tiff(pixels("rgba"), photometric="rgb", bigtiff=True, extrasamples=["assocalpha"]),
        "inverted.tif": scenes.tiff(pixels("grey16"), photometric="miniswhite", compression="lzma"),
    }


def _turned() -> Any:
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera was held upright
    return exif


def read_as_image(path: Path) -> None:
    """Read in all ways."""
    assert is_grey(path) in (True, False)
    for channels in (None, 1, 3):
        image = read_image(path, channels)
        assert image.dtype == np.float32
        assert image.ndim == 3
        assert image.size
        assert image.shape[2] in ((1, 3) if channels is None else (channels,))
        assert np.isfinite(image).all()


def read_as_mask(path: Path) -> None:
    """Read class ids."""
    mask = read_mask(path)
    assert mask.dtype == np.uint8
    assert mask.ndim == 2
    assert mask.size


# Folders -------------------------------------------------------------------------------------------------------------

DESCRIPTION = """
classes = ["background", "disc"]
colors = [[0, 0, 0], [255, 160, 0]]
ignore_class = 7
[mask_values]
0 = 0
1 = 1
9 = 0
"""


def read_dataset(path: Path) -> None:
    """Open the folder of a `dataset.toml` and look at all samples."""
    folder = SegmentationFolder(path.parent)
    assert len(folder.class_names) == len(folder.colors) == folder.num_classes
    for split in folder.splits:
        samples = folder.samples(split)
        for k in range(len(samples)):
            image, ids = samples[k]
            assert image.shape[:2] == ids.shape
            assert set(np.unique(ids)) <= {*range(folder.num_classes), 255}


# Models --------------------------------------------------------------------------------------------------------------


def trained() -> Model:
    """A compiled network after a step."""
    model = classifier(dropout=0.2)
    model.compile(Adam(0.01), "sparse_categorical_crossentropy", metrics=["accuracy"])
    model.train_on_batch(*images(6))
    return model


def nested_architecture(path: Path) -> None:
    """Save a network within a network, with two layers in one place each and one in two."""
    from tinyseg import layers

    inputs = layers.Input((4, 4, 2), name="in")
    shared = layers.SeparableConv2D(2, 3, padding="same", name="shared")
    part = layers.Input((4, 4, 2), name="part")
    inner = Model(
        part, layers.Conv2DTranspose(2, 2, name="up")(layers.BatchNormalization(name="norm")(part)), name="inner"
    )
    joined = layers.Concatenate(name="join")([shared(inputs), shared(layers.LeakyReLU(name="leak")(inputs))])
    model = Model(inputs, [layers.Flatten(name="flat")(inner(shared(inputs))), joined], name="outer")
    model.compile("sgd", ["mse", "mae"], [1.0, 0.5], [["mae"], ["mse"]])
    model.save(path)


def model_files() -> dict[str, bytes]:
    """Return a chain and a nested network with two outputs."""
    chain = _made(lambda path: trained().save(path), "chain.tinyseg")
    return chain() | _made(nested_architecture, "nested.tinyseg")()


def read_model(path: Path) -> None:
    """Load with and without the training, and describe."""
    for compiled in (False, True):
        model = load_model(path, compile=compiled)
        assert architecture_of(model)["layers"]
        assert model.count_params() >= 0


@functools.cache
def _other_network() -> Model:
    return classifier(dropout=0.2)


def read_model_plainly(path: Path) -> None:
    """Read a model where the package safetensors is not there."""
    with patch("tinyseg.models.saving._arrays_and_texts", plain_safetensors.load_file):
        read_model(path)


def read_weights(path: Path) -> None:
    """Load weights strictly, or as far as they fit."""
    model = _other_network()
    try:
        model.load_weights(path)
    except ValueError:
        model.load_weights(path, skip_mismatch=True)


# Weights of other programs --------------------------------------------------------------------------------------------


def read_foreign_weights(path: Path) -> None:
    """Read all tensors, show them, and try to load them."""
    tensors = weights.read(path)
    assert str(path) in str(tensors)
    for name, info in tensors.info.items():
        array = tensors[name]
        assert (array.shape, array.dtype) == (info.shape, info.dtype)
        assert array.dtype.isnative
    with suppress(tinyseg.InvalidInput):
        weights.load(_other_network(), tensors, skip_mismatch=True)


def _pickle_of(content: bytes) -> bytes:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return archive.read("archive/data.pkl")


def _with_pickle(pickle: bytes) -> bytes:
    """Return PyTorch's archive with another pickle in it, and sound checksums."""
    made = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(weight_files.torch_files()["zip.pt"])) as old,
        zipfile.ZipFile(made, "w") as new,
    ):
        for name in old.namelist():
            new.writestr(name, pickle if name.endswith("data.pkl") else old.read(name))
    return made.getvalue()


def _foreign_safetensors() -> dict[str, bytes]:
    from safetensors.numpy import save

    return {"model.safetensors": save(dict(weight_files.ARRAYS), {"format": "pt"})}


# Interrupted training -------------------------------------------------------------------------------------------------


def _everything_that_remembers(folder: Path) -> list[Any]:
    return [
        callbacks.ReduceLROnPlateau(patience=1),
        callbacks.EarlyStopping(patience=3, restore_best_weights=True),
        callbacks.CSVLogger(folder / "log.csv"),
        callbacks.ModelCheckpoint(folder / "best.tinyseg", save_best_only=True),
        TimeLimit(10.0),
        callbacks.BackupAndRestore(folder, delete_checkpoint=False),
    ]


def train_on(path: Path, epochs: int = 3) -> None:
    """Train, going on from the checkpoint if there is one."""
    model = classifier(dropout=0.2)
    model.compile(Adam(0.01), "sparse_categorical_crossentropy", metrics=["accuracy"])
    x, y = images(8)
    watching = _everything_that_remembers(path.parent)
    with np.errstate(all="ignore"):  # a damaged number is a number: the format has no checksum
        model.fit(x, y, 4, epochs, verbose=0, validation_data=(x[:4], y[:4]), callbacks=watching)


def read_bare_checkpoint(path: Path) -> None:
    """Bring a model to where the checkpoint was, and make a step."""
    model = trained()
    model.load_checkpoint(path)
    with np.errstate(all="ignore"):
        model.train_on_batch(*images(4))


# ONNX ----------------------------------------------------------------------------------------------------------------


def onnx_files() -> dict[str, bytes]:
    """Return a network of this library's, and one with arithmetic on shapes."""
    from tests.models.as_onnx.test_operations import CHAINS, write
    from tinyseg import layers

    x = layers.Input((None, None, 2), name="x")
    y = layers.MaxPooling2D(2, padding="same")(layers.BatchNormalization()(layers.Conv2D(3, 3, padding="same")(x)))
    y = layers.UpSampling2D(2)(layers.Conv2DTranspose(2, 2, strides=2)(y))
    own = Model(x, layers.Softmax()(y))
    found = _made(lambda path: own.export(path, verify=False), "own.onnx")()
    shapes = "linear of PyTorch"
    return found | _made(lambda path: write(path, *CHAINS[shapes], (1, 4, "h", "w")), "shapes.onnx")()


def onnx_readers() -> list[Reader]:
    """Return the reader where the package onnx is installed."""
    if find_spec("onnx") is None:
        return []
    import onnx

    return [Reader("ONNX", onnx_files, read_onnx, form=protobuf.form(onnx.ModelProto), share=0.5)]


def read_onnx(path: Path) -> None:
    """Read a network, of the size that its file says."""
    model = from_onnx(path)
    assert model.layers
    assert model.count_params() >= 0


# Runs ----------------------------------------------------------------------------------------------------------------


def write_run(path: Path) -> None:
    """Write run.json."""
    settings = Settings(width=4, depth=2, crop=(16, 16), minutes=2.5, ignore_class=3, loss="balanced-cross-entropy")
    RunFolder(path.parent).write_description(
        RunDescription(settings, "some/folder", 3, ["a", "b"], [(0, 0, 0), (1, 2, 3)], [0.5, 2.0])
    )


def read_run(path: Path) -> None:
    """Read run.json."""
    run = RunFolder(path.parent).read_description()
    assert run.settings.multiple_of >= 2
    assert len(run.class_names) == len(run.colors)


HISTORY = b"epoch,loss,val_loss\r\n0,0.71,0.69\r\n1,0.52,0.61\r\n2,0.49,\r\n3,nan,1e3\r\n"


def read_history(path: Path) -> None:
    """Read history.csv."""
    history = RunFolder(path.parent).read_history()
    assert len({len(values) for values in history.values()}) <= 1
    assert all(isinstance(value, float) for values in history.values() for value in values)


def append_to_log(path: Path) -> None:
    """Go on with a CSV file of an earlier training."""
    logger = callbacks.CSVLogger(path, append=True)
    logger.on_train_begin()
    logger.on_epoch_end(4, {"loss": 0.5, "acc": 0.25})


def mnist_files() -> dict[str, bytes]:
    """Return one of the four files; the others stay sound."""
    name = "t10k-images-idx3-ubyte"
    return {name: idx(arrays()[name])}


def _same(content: bytes) -> bytes:
    return content


READERS: tuple[Reader, ...] = (
    Reader("image", image_files, read_as_image, inner=(_same, with_sound_checksums), share=1.5),
    Reader("mask", mask_files, read_as_mask, inner=(_same, with_sound_checksums), share=1.5),
    Reader(
        "dataset.toml",
        lambda: {"dataset.toml": DESCRIPTION.encode()},
        read_dataset,
        surround=lambda folder: write_blobs(folder, 2, 1, 0, size=(9, 8)),
        form=TOML,
        optional=True,
        names_folder=True,
    ),
    Reader("idx", lambda: {"file": idx(pixels("rgb"))}, read_idx),
    Reader(
        "idx.gz",
        lambda: {"file.gz": gzip.compress(idx(pixels("rgb")), mtime=0)},
        read_idx,
        inner=(gzip.decompress, lambda content: gzip.compress(content, 1, mtime=0)),
    ),
    Reader(
        "mnist",
        mnist_files,
        lambda path: load_data(path.parent),
        surround=lambda folder: write(folder, False),
        share=0.5,
    ),
    Reader("model", model_files, read_model, form=SAFETENSORS),
    Reader("model in a browser tab", model_files, read_model_plainly, form=SAFETENSORS, share=0.3),
    Reader("weights", _made(lambda path: trained().save_weights(path), "weights"), read_weights, form=SAFETENSORS),
    Reader(
        "checkpoint",
        _made(lambda path: save_checkpoint(trained(), path, {"a": np.ones(3)}, {"b": "text"}), "checkpoint"),
        read_bare_checkpoint,
        form=SAFETENSORS,
    ),
    Reader(
        "interrupted training",
        _made(lambda path: train_on(path, 2), "checkpoint.safetensors"),
        train_on,
        form=SAFETENSORS,
        writes=True,
        optional=True,
        share=0.5,
    ),
    Reader("weights of PyTorch", weight_files.torch_files, read_foreign_weights),
    Reader(
        "pickle of PyTorch",
        lambda: {"zip.pt": weight_files.torch_files()["zip.pt"]},
        read_foreign_weights,
        inner=(_pickle_of, _with_pickle),
        share=0.5,
    ),
    Reader("weights in safetensors", _foreign_safetensors, read_foreign_weights, form=SAFETENSORS, share=0.5),
    Reader("weights of NumPy", lambda: {"a.npz": weight_files.npz()}, read_foreign_weights, share=0.5),
    *([Reader("weights of Keras", weight_files.keras_files, read_foreign_weights)] if find_spec("h5py") else []),
    *([Reader("weights in ONNX", weight_files.onnx_files, read_foreign_weights)] if find_spec("onnx") else []),
    *onnx_readers(),
    Reader("run.json", _made(write_run, "run.json"), read_run, form=JSON),
    Reader("history.csv", lambda: {"history.csv": HISTORY}, read_history),
    Reader("CSVLogger", lambda: {"log.csv": HISTORY}, append_to_log, writes=True, optional=True),
    Reader(
        "model of a run",
        _made(lambda path: trained().save(path), "model.safetensors"),
        lambda path: RunFolder(path.parent).load_model(),
        form=SAFETENSORS,
        share=0.5,
    ),
)


def clear(folder: Path) -> None:
    """Remove all that is in a folder."""
    for path in folder.iterdir():
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()
