"""Files that somebody made on purpose.

Small, with headers that ask for everything the machine has, or with names that lead elsewhere.
"""

from __future__ import annotations

import gzip
import io
import json
import pickle
import struct
import zipfile
import zlib
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from tests.datasets.encoded import encode, pixels, png_claiming
from tests.datasets.scenes import tiff
from tests.weights import torch_format

from .mutations import join_safetensors, split_safetensors

DEEP, BOMB = 100_000, 512 << 20


class Bomb:
    """Unpickled, it leaves a file behind."""

    def __reduce__(self) -> tuple[Any, ...]:
        return (Path("executed").write_text, ("boom",))


def _npz() -> bytes:
    buffer = io.BytesIO()
    np.savez(buffer, a=np.array([Bomb()], dtype=object))
    return buffer.getvalue()


ANYWHERE: dict[str, Callable[[], bytes]] = {
    "pickle": lambda: pickle.dumps(Bomb()),
    "npz of a pickle": _npz,
    "zeros": lambda: bytes(1 << 20),
    "ones": lambda: b"\xff" * (1 << 20),
    "brackets": lambda: b"[" * DEEP,
    "page": lambda: b"<!doctype html><title>404</title>" * 9,
    "postscript": lambda: (
        b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n%%EndComments\n(executed) (w) file closefile\n"
    ),
}
"""Given to every reader."""


def bomb(head: bytes, zeros: int, wbits: int = zlib.MAX_WBITS + 16) -> bytes:
    """Return the gzip (with other `wbits`, zlib) form of a head and many zeros, made without holding them."""
    packer = zlib.compressobj(1, wbits=wbits)
    parts = [packer.compress(head), *(packer.compress(bytes(1 << 20)) for _ in range(zeros >> 20))]
    return b"".join([*parts, packer.flush()])


# Images --------------------------------------------------------------------------------------------------------------


def jpeg_claiming(width: int, height: int, **options: Any) -> bytes:
    """Return a JPEG of 22 x 13 pixels whose header claims more; libjpeg fills up what is missing."""
    content = bytearray(encode(pixels("rgb"), "JPEG", **options))
    at = max(content.find(b"\xff\xc0"), content.find(b"\xff\xc2"))
    content[at + 5 : at + 9] = struct.pack(">HH", height, width)
    return bytes(content)


def tiff_claiming(width: int, height: int, **options: Any) -> bytes:
    """Return a TIFF whose header claims another size, all in one strip."""
    content = bytearray(encode(pixels("rgb"), "TIFF", **options))
    (start,) = struct.unpack("<I", content[4:8])
    for at in range(start + 2, start + 2 + 12 * int.from_bytes(content[start : start + 2], "little"), 12):
        tag = int.from_bytes(content[at : at + 2], "little")
        if tag in (256, 257, 278):  # ImageWidth, ImageLength, RowsPerStrip
            content[at + 2 : at + 12] = struct.pack("<HII", 4, 1, width if tag == 256 else height)
    return bytes(content)


def tiff_bomb() -> bytes:
    """Return a planar TIFF of 4 x 4 pixels whose data unpack to half a gigabyte."""
    packed = bomb(b"", BOMB, zlib.MAX_WBITS)
    content = bytearray(
        tiff(np.zeros((3, 4, 4), np.uint16), planarconfig="separate", photometric="rgb", compression="zlib")
    )
    for tag, value in ((273, len(content) + 24), (279, len(packed))):  # StripOffsets and StripByteCounts
        at = content.find(struct.pack("<H", tag), 8)
        content[at : at + 12] = struct.pack("<HHII", tag, 4, 3, len(content))
        content += struct.pack("<3I", *[value] * 3)
    return bytes(content) + packed


def tiff_of_itself() -> bytes:
    """Return a TIFF whose directory names itself as the next one."""
    content = bytearray(encode(pixels("grey"), "TIFF"))
    (start,) = struct.unpack("<I", content[4:8])
    at = start + 2 + 12 * int.from_bytes(content[start : start + 2], "little")
    content[at : at + 4] = struct.pack("<I", start)
    return bytes(content)


def png_with(kind: bytes, data: bytes) -> bytes:
    """Return a sound PNG with one more chunk behind its header."""
    content = encode(pixels("grey"), "PNG")
    chunk = struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    return content[:33] + chunk + content[33:]


IMAGES: dict[str, Callable[[], bytes]] = {
    "png 100,000 x 100,000": lambda: png_claiming(100_000, 100_000),
    "png 2^31 - 1": lambda: png_claiming(2**31 - 1, 2**31 - 1),
    "png 2^32 - 1 x 1": lambda: png_claiming(2**32 - 1, 1),
    "png 13,000 x 13,000": lambda: png_claiming(13_000, 13_000),
    "png text bomb": lambda: png_with(b"zTXt", b"a\0\0" + bomb(b"", 300 << 20, zlib.MAX_WBITS)),
    "png profile bomb": lambda: png_with(b"iCCP", b"a\0\0" + bomb(b"", 300 << 20, zlib.MAX_WBITS)),
    "png exif junk": lambda: png_with(b"eXIf", b"MM\0*\0\0\0\x08\xff\xff" + b"\xff" * 40),
    "jpeg 65,535 x 65,535": lambda: jpeg_claiming(65_535, 65_535),
    "jpeg 13,000 x 13,000": lambda: jpeg_claiming(13_000, 13_000),
    "progressive jpeg 13,000 x 13,000": lambda: jpeg_claiming(13_000, 13_000, progressive=True),
    "tiff 2^31 - 1": lambda: tiff_claiming(2**31 - 1, 2**31 - 1),
    "tiff 13,000 x 13,000": lambda: tiff_claiming(13_000, 13_000),
    "lzw tiff 13,000 x 13,000": lambda: tiff_claiming(13_000, 13_000, compression="tiff_lzw"),
    "deflate tiff 13,000 x 13,000": lambda: tiff_claiming(13_000, 13_000, compression="tiff_adobe_deflate"),
    "jpeg tiff 13,000 x 13,000": lambda: tiff_claiming(13_000, 13_000, compression="jpeg"),
    "tiff of itself": tiff_of_itself,
    "deflate tiff bomb": tiff_bomb,
    "gif 13,000 x 13,000": lambda: _as("GIF").replace(struct.pack("<HH", 22, 13), struct.pack("<HH", 13_000, 13_000)),
    "bmp 13,000 x 13,000": lambda: _as("BMP").replace(struct.pack("<II", 22, 13), struct.pack("<II", 13_000, 13_000)),
    "webp 16,383 x 16,383": lambda: _webp_claiming(16_383),
    "jp2 13,000 x 13,000": lambda: _as("JPEG2000").replace(
        struct.pack(">II", 22, 13), struct.pack(">II", 13_000, 13_000)
    ),
    "gif": lambda: _as("GIF"),
    "icon": lambda: _as("ICO"),
}


def _webp_claiming(side: int) -> bytes:
    content = bytearray(encode(pixels("rgb"), "WEBP", lossless=True))
    at = content.find(b"VP8L") + 9
    (bits,) = struct.unpack("<I", content[at : at + 4])
    content[at : at + 4] = struct.pack("<I", (bits & ~0xFFFFFFF) | (side - 1) | (side - 1) << 14)
    return bytes(content)


def _as(file_format: str) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(pixels("grey")).save(buffer, file_format)
    return buffer.getvalue()


# Numbers and texts ----------------------------------------------------------------------------------------------------


def _idx(*lengths: int, content: bytes = b"") -> bytes:
    return struct.pack(f">BBBB{len(lengths)}I", 0, 0, 8, len(lengths), *lengths) + content


IDX: dict[str, Callable[[], bytes]] = {
    "2^31 images": lambda: _idx(2**31, 28, 28),
    "2^32 - 1, four times": lambda: _idx(*[2**32 - 1] * 4),
    "empty and huge": lambda: _idx(0, 2**32 - 1, 2**32 - 1),
    "255 axes": lambda: b"\0\0\x08\xff" + b"\0\0\0\x01" * 255 + b"a",
}


def _gzipped(make: Callable[[], bytes]) -> bytes:
    return gzip.compress(make())


GZIPPED: dict[str, Callable[[], bytes]] = {
    **{f"{name} in gzip": partial(_gzipped, make) for name, make in IDX.items()},
    "bomb of zeros": lambda: bomb(b"", BOMB),
    "bomb after a sound header": lambda: bomb(_idx(100, 28, 28), BOMB),
    "bomb after a huge header": lambda: bomb(_idx(2**31, 1, 1), BOMB),
    "bomb within the limit": lambda: bomb(_idx(1 << 7, 1 << 10, 1 << 10), 1 << 27),
    "100,000 empty members": lambda: gzip.compress(b"") * DEEP,
    "gzip in gzip": lambda: gzip.compress(gzip.compress(_idx(2, content=b"ab"))),
    "a name without end": lambda: b"\x1f\x8b\x08\x08" + bytes(6) + b"a" * (1 << 20),
}

TOMLS: dict[str, Callable[[], bytes]] = {
    "deep lists": lambda: b"classes = " + b"[" * DEEP + b"]" * DEEP,
    "deep tables": lambda: b"classes = " + b"{a=" * DEEP,
    "deep dotted key": lambda: b"classes." + b".".join([b"a"] * DEEP) + b" = 1",
    "deeper than can be shown": lambda: b"classes." + b".".join([b"a"] * 900) + b" = 1",
    "number without end": lambda: b"ignore_class = " + b"9" * DEEP,
    "hexadecimal without end": lambda: b"ignore_class = 0x" + b"f" * 40_000,
    "key without end": lambda: b"mask_values = {" + b"9" * 40_000 + b" = 1}",
    "100,000 classes": lambda: b"classes = [" + b",".join(b'"%d"' % k for k in range(DEEP)) + b"]",
    "names that lead elsewhere": lambda: b'classes = ["../../etc", "/etc/passwd"]\n',
    "bad date": lambda: b"ignore_class = 9999-99-99",
    "same key twice": lambda: b"ignore_class = 1\nignore_class = 2",
    "half a character": lambda: b'classes = ["\\ud800", "b"]',
    "byte order mark": lambda: b"\xef\xbb\xbfclasses = ['a', 'b']",
}


def _run_with(**settings: Any) -> bytes:
    content = {
        "version": 1, "settings": settings, "data": "../../../etc", "channels": 1, "class_names": ["../a", "/b"],
        "colors": [[0, 0, 0], [1, 1, 1]], "class_weight": None,
    }  # fmt: skip
    return json.dumps(content).encode()


RUNS: dict[str, Callable[[], bytes]] = {
    "sound": _run_with,
    "depth 10^9": lambda: _run_with(depth=10**9),
    "depth 50": lambda: _run_with(depth=50),
    "width 10^300": lambda: _run_with(width=10**300),
    "learning rate 10^400": lambda: _run_with(learning_rate=10**400),
    "not finite": lambda: _run_with(minutes=float("nan"), learning_rate=float("inf")),
    "deep objects": lambda: b'{"a":' * DEEP,
    "number without end": lambda: b'{"channels": ' + b"9" * DEEP + b"}",
    "exponent without end": lambda: b'{"channels": 1e' + b"9" * 999 + b"}",
    "same key twice": lambda: _run_with()[:-1] + b', "channels": [], "channels": 7}',
}

CSVS: dict[str, Callable[[], bytes]] = {
    "a field without end": lambda: b"epoch,loss\n0," + b"1" * (1 << 20),
    "an open quote": lambda: b'epoch,loss\n"0,' + b"1\n" * DEEP,
    "100,000 columns": lambda: b",".join([b"a"] * DEEP) + b"\n1\n2\n",
    "more fields than names": lambda: b"epoch\n1,2,3,4\n",
    "fewer fields than names": lambda: b"epoch,loss,acc\n1\n",
    "nul": lambda: b"epoch,lo\0ss\n1,\0\n",
}


# Models --------------------------------------------------------------------------------------------------------------


def _headers() -> dict[str, Callable[[], bytes]]:
    def one(**entry: Any) -> bytes:
        return join_safetensors({"a": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8], **entry}}, bytes(8))

    return {
        "header of 2^60 bytes": lambda: (2**60).to_bytes(8, "little") + b"{}",
        "header of 2^64 - 1 bytes": lambda: b"\xff" * 8 + b"{}",
        "header of 99 MB that is not there": lambda: (99_000_000).to_bytes(8, "little") + b"{}",
        "no header": lambda: bytes(8),
        "deep header": lambda: join_safetensors(b'{"a":' * DEEP, b""),
        "offsets beyond the end": lambda: one(data_offsets=[0, 800], shape=[200]),
        "offsets backwards": lambda: one(data_offsets=[8, 0]),
        "negative offsets": lambda: one(data_offsets=[-8, 0]),
        "negative lengths": lambda: one(shape=[-2]),
        "huge shape": lambda: one(shape=[2**62, 2**62]),
        "huge shape, no data": lambda: join_safetensors(
            {"a": {"dtype": "F32", "shape": [2**62, 0], "data_offsets": [0, 0]}}, b""
        ),
        "shape of 10,000 axes": lambda: one(shape=[1] * 9999 + [2]),
        "unknown dtype": lambda: one(dtype="OBJECT"),
        "dtype without a NumPy kind": lambda: one(dtype="BF16", shape=[4]),
        "8-bit floats": lambda: one(dtype="F8_E4M3", shape=[8]),
        "not finite": lambda: join_safetensors(
            b'{"a": {"dtype": "F32", "shape": [NaN], "data_offsets": [0, Infinity]}}', bytes(8)
        ),
        "overlapping": lambda: join_safetensors(
            {key: {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]} for key in "ab"}, bytes(8)
        ),
        "same name twice": lambda: join_safetensors(
            b'{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},'
            b'"a":{"dtype":"I64","shape":[1],"data_offsets":[0,8]}}',
            bytes(8),
        ),
    }


def edited(content: bytes, change: Callable[[dict[str, Any]], Any]) -> bytes:
    """Change the texts in the header of a safetensors file."""
    header, data = split_safetensors(content)
    del header["__metadata__"]["checksum"]  # which would refuse any change
    change(header["__metadata__"])
    return join_safetensors(header, data)


def _in_model(change: Callable[[dict[str, Any]], Any]) -> Callable[[bytes], bytes]:
    """Return a change of the architecture in a model file."""

    def apply(texts: dict[str, str]) -> None:
        model = json.loads(texts["model"])
        change(model)
        texts["model"] = json.dumps(model)

    return lambda content: edited(content, apply)


def _layer(name: str, /, **config: Any) -> Callable[[bytes], bytes]:
    def change(model: dict[str, Any]) -> None:
        next(item for item in model["layers"] if item["config"]["name"] == name)["config"].update(config)

    return _in_model(change)


def _ask_for_many(model: dict[str, Any]) -> None:
    """One wide layer in a thousand places is built once, a thousand wide layers are not."""
    layer, step = model["layers"][1], model["steps"][1]
    for k in range(1000):
        model["layers"].append({**layer, "config": {**layer["config"], "name": f"more{k}", "filters": 20_000}})
        model["steps"].append({**step, "layer": len(model["layers"]) - 1})


def _nest(model: dict[str, Any]) -> None:
    inner = json.loads(json.dumps(model))
    for k in range(300):
        inner = {**inner, "layers": [{"class_name": "Model", "config": inner}], "name": f"n{k}"}
    model.update(inner)


MODELS: dict[str, Callable[[bytes], bytes]] = {
    "10^9 filters": _layer("conv", filters=10**9),
    "10^30 filters": _layer("conv", filters=10**30),
    "60,000 x 60,000 kernel": _layer("conv", kernel_size=[60_000, 60_000], padding="same"),
    "10^8 units": _layer("top", units=10**8),
    "10^9 channels of the input": _layer("image", shape=[6, 8, 10**9]),
    "image of 10^12 pixels": _layer("image", shape=[10**6, 10**6, 2]),
    "a thousand wide layers": _in_model(_ask_for_many),
    "name that leads elsewhere": _layer("conv", name=".."),
    "name that leads up": _layer("conv", name="../../x"),
    "class from elsewhere": _in_model(lambda model: model["layers"][1].update(class_name="os.system")),
    "class that is no layer": _in_model(lambda model: model["layers"][1].update(class_name="__builtins__")),
    "activation from elsewhere": _layer("top", activation="__import__('os').system"),
    "network within itself": _in_model(_nest),
    "a step before its input": _in_model(lambda model: model["steps"][1].update(inputs=[-1])),
    "deep architecture": lambda content: edited(content, lambda texts: texts.update(model='{"layers":' * DEEP)),
    "number without end": lambda content: edited(content, lambda texts: texts.update(model="9" * DEEP)),
    "metric of 10^6 classes": lambda content: edited(
        content,
        lambda texts: texts.update(
            training=json.dumps(
                {
                    **json.loads(texts["training"]),
                    "metrics": [[{"class_name": "MeanIoU", "config": {"num_classes": 10**6}}]],
                }
            )
        ),
    ),
}


def _more(key: str, value: Any) -> Callable[[bytes], bytes]:
    return lambda content: edited(
        content, lambda texts: texts.update({key: value if isinstance(value, str) else json.dumps(value)})
    )


CHECKPOINTS: dict[str, Callable[[bytes], bytes]] = {
    "-5 epochs": _more("epochs_done", "-5"),
    "10^30 epochs": _more("epochs_done", "1" + "0" * 30),
    "number without end": _more("epochs_done", "9" * DEEP),
    "deep callbacks": _more("callbacks", "[" * DEEP),
    "learning rate 10^400": _more("learning_rate", 10**400),
    "learning rate not finite": _more("learning_rate", "Infinity"),
    "callbacks from elsewhere": _more("callbacks", [{"class_name": "os.system", "state": {}}]),
}


def _torch_trees() -> dict[str, Callable[[], bytes]]:
    """Return files of PyTorch that ask for much, or name what they may not."""
    storage = torch_format.stored("0", np.zeros(4, "f4"))

    def both(name: str, make: Callable[[torch_format.Reference], Any]) -> dict[str, Callable[[], bytes]]:
        return {
            f"{name}, legacy": lambda: torch_format.legacy_file(make(storage.reference(True)), [storage]),
            f"{name}, zip": lambda: torch_format.zip_file(make(storage.reference(False)), [storage]),
        }

    def shape(*lengths: int) -> Callable[[torch_format.Reference], Any]:
        return lambda reference: {"a": torch_format.tensor(reference, lengths, [0] * len(lengths))}

    def runs(module: str, name: str, *arguments: Any) -> Callable[[torch_format.Reference], Any]:
        call = torch_format.Call(torch_format.Name(module, name), arguments)
        return lambda reference: {"a": torch_format.tensor(reference, (4,)), "b": call}

    long = torch_format.Raw(b"\x8b" + struct.pack("<i", 2**31 - 1))
    text = torch_format.Raw(b"X" + struct.pack("<I", 2**32 - 1))
    wide = torch_format.Raw(b"\x8e" + struct.pack("<Q", 2**62))
    deep = torch_format.Raw(b"(" * DEEP + b"t" * DEEP)
    return (
        both("2^40 numbers of one", shape(2**40))
        | both("2^60 numbers of one", shape(2**30, 2**30))
        | both("within the limit", shape(1 << 22))
        | both("tensors of one storage", lambda r: {f"{k}": torch_format.tensor(r, (4,)) for k in range(5000)})
        | both("os.system", runs("posix", "system", "touch executed"))
        | both("eval", runs("builtins", "eval", "open('executed', 'w')"))
        | both("a network", runs("torch.nn.modules.linear", "Linear", 1, 1))
        | both("a number of 2 GB", lambda _: {"a": long})
        | both("a text of 4 GB", lambda _: {"a": text})
        | both("bytes of 2^62", lambda _: {"a": wide})
        | both("deep tuples", lambda _: {"a": deep})
        | both("a deep tuple as a key", lambda _: torch_format.Raw(b"}" + deep.code + b"Ns"))
    )


def _archives() -> dict[str, Callable[[], bytes]]:
    """Return zip archives that unpack to much."""

    def packed(**entries: bytes) -> bytes:
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content in entries.items():
                archive.writestr(name, content)
        return buffer.getvalue()

    def header(shape: str, dtype: str = "<f4") -> bytes:
        text = f"{{'descr': {dtype!r}, 'fortran_order': False, 'shape': {shape}}}".encode()
        text = text.ljust(-(-(len(text) + 11) // 64) * 64 - 11) + b"\n"
        return b"\x93NUMPY\x01\0" + struct.pack("<H", len(text)) + text

    return {
        "zip bomb": lambda: packed(**{"a.npy": bytes(BOMB)}),
        "zip bomb of a pickle": lambda: packed(**{"archive/data.pkl": bytes(BOMB)}),
        "zip bomb of Keras": lambda: packed(**{"model.weights.h5": bytes(BOMB), "config.json": b"{}"}),
        "array of 2^60": lambda: packed(**{"a.npy": header("(1152921504606846976,)")}),
        "array of 2^70": lambda: packed(**{"a.npy": header(f"({2**35}, {2**35})")}),
        "array of objects": lambda: packed(**{"a.npy": header("(1,)", "|O") + pickle.dumps(Bomb())}),
        "header that is a program": lambda: packed(**{"a.npy": header("__import__('os').getpid()")}),
        "deep header of an array": lambda: packed(**{"a.npy": header("(" * 9000)}),
        "config in itself": lambda: packed(**{"model.weights.h5": b"", "config.json": b'{"config":' * DEEP}),
    }


def hostile_files(reader: str, sound: Mapping[str, bytes]) -> dict[str, Callable[[], bytes]]:
    """Return what a reader must survive, by name.

    Args:
        reader: Its name in READERS.
        sound: Its valid files.
    """
    content = next(iter(sound.values()))
    own: dict[str, Callable[[], bytes]] = {
        "image": IMAGES,
        "mask": IMAGES,
        "idx": IDX,
        "idx.gz": GZIPPED,
        "mnist": IDX,
        "dataset.toml": TOMLS,
        "run.json": RUNS,
        "history.csv": CSVS,
        "CSVLogger": CSVS,
    }.get(reader, {})
    edits: dict[str, Callable[[bytes], bytes]] = {"model": MODELS, "interrupted training": CHECKPOINTS}.get(reader, {})
    if reader in ("model", "weights", "checkpoint", "interrupted training", "model of a run"):
        own = own | _headers()
    own = (
        own
        | {
            "weights of PyTorch": _torch_trees,
            "weights in safetensors": _headers,
            "weights of NumPy": _archives,
            "weights of Keras": _archives,
        }.get(reader, dict)()
    )
    return ANYWHERE | own | {name: partial(edit, content) for name, edit in edits.items()}
