"""PyTorch's files: what is in them comes out, in both formats, and nothing else is followed."""

from __future__ import annotations

import struct
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.models.test_saving import message
from tests.weights.torch_format import (
    Call,
    Name,
    Raw,
    Reference,
    Stored,
    encoded,
    file_of,
    legacy_file,
    state_dict,
    stored,
    tensor,
    zip_file,
)
from tinyseg import InvalidInput, weights

formats = pytest.mark.parametrize("legacy", [True, False], ids=["legacy", "zip"])
RNG = np.random.default_rng(3)


def written(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


def made(tree: Any, storages: list[Stored], legacy: bool) -> bytes:
    return (legacy_file if legacy else zip_file)(tree, storages)


@formats
@pytest.mark.parametrize("kind", ["f8", "f4", "f2", "i8", "i4", "i2", "i1", "u1", "b1", "c8"])
def test_every_dtype(kind: str, legacy: bool, tmp_path: Path) -> None:
    array = (
        RNG.integers(0, 2, (3, 5, 2)).astype(kind) if kind == "b1" else (RNG.normal(size=(3, 5, 2)) * 9).astype(kind)
    )
    tensors = weights.read(written(tmp_path / "m.pth", file_of({"a.weight": array, "none": array[:0]}, legacy)))
    assert list(tensors) == ["a.weight", "none"]
    assert tensors.format == ("PyTorch (legacy)" if legacy else "PyTorch (zip)")
    for name, expected in {"a.weight": array, "none": array[:0]}.items():
        assert tensors.info[name].shape == expected.shape
        assert tensors[name].dtype == expected.dtype == tensors.info[name].dtype
        np.testing.assert_array_equal(tensors[name], expected)
        assert tensors[name].flags["OWNDATA"] or tensors[name].base is not None
        assert tensors[name].flags["C_CONTIGUOUS"]
        assert tensors[name].flags["WRITEABLE"]


@formats
def test_bfloat16_is_the_upper_half_of_a_float32(legacy: bool, tmp_path: Path) -> None:
    values = np.array([1.0, -2.5, 3.0e38, 0.0, -np.inf], np.float32)
    storage = Stored("0", "bf", (values.view(np.uint32) >> 16).astype("<u2").tobytes())
    tree = {"a": tensor(storage.reference(legacy), (5,))}
    tensors = weights.read(written(tmp_path / "m.pt", made(tree, [storage], legacy)))
    assert tensors.info["a"].stored == "bfloat16"
    np.testing.assert_allclose(tensors["a"], values, rtol=2**-8)
    assert tensors["a"][0] == 1.0


@formats
def test_views_share_a_storage(legacy: bool, tmp_path: Path) -> None:
    """Transposed, every second number, a part, one number many times, a scalar, an empty one."""
    base = RNG.normal(size=60).astype("f4")
    storage = stored("7", base)
    same = storage.reference(legacy)
    tree = {
        "whole": tensor(same, (5, 12)),
        "turned": tensor(same, (12, 5), (1, 12)),
        "gaps": tensor(same, (3, 4), (20, 2), 5),
        "repeated": tensor(same, (4, 3), (0, 1), 57),
        "scalar": tensor(same, (), (), 59),
        "empty": tensor(same, (0, 9), (9, 1), 60),
        "old": tensor(same, (2,), (1,), 3, version=""),
    }
    tensors = weights.read(written(tmp_path / "m.pth", made(tree, [storage], legacy)))
    strided = np.lib.stride_tricks.as_strided
    expected = {
        "whole": base.reshape(5, 12),
        "turned": base.reshape(5, 12).T,
        "gaps": strided(base[5:], (3, 4), (80, 8)),
        "repeated": np.tile(base[57:], (4, 1)),
        "scalar": base[59],
        "empty": np.empty((0, 9), "f4"),
        "old": base[3:5],
    }
    assert list(tensors) == list(expected)
    for name, array in expected.items():
        np.testing.assert_array_equal(tensors[name], array, err_msg=name)
        assert tensors[name].flags["C_CONTIGUOUS"]


def test_a_storage_that_is_a_part_of_another(tmp_path: Path) -> None:
    """The legacy format says (key, first number, count)."""
    base = np.arange(20, dtype="f4")
    whole = stored("root", base)
    part = Stored("root", "f4", whole.content, ("view", 4, 6))
    tree = {"a": tensor(whole.reference(True), (20,)), "b": tensor(part.reference(True), (2, 2), offset=2)}
    tensors = weights.read(written(tmp_path / "m.pth", legacy_file(tree, [whole])))
    np.testing.assert_array_equal(tensors["b"], [[6, 7], [8, 9]])
    beyond = {"b": tensor(part.reference(True), (3, 2), offset=2)}
    text = message(weights.read, written(tmp_path / "n.pth", legacy_file(beyond, [whole])))
    assert "numbers up to 8 of a storage of 6" in text


def test_numbers_of_a_machine_with_the_other_byte_order(tmp_path: Path) -> None:
    """In the zip format they stand in its order; in the legacy one always little-endian."""
    array = RNG.normal(size=(2, 3)).astype("f4")
    tree, storages = state_dict({"a": array}, legacy=False)
    turned = [Stored(s.key, s.kind, array.astype(">f4").tobytes()) for s in storages]
    tensors = weights.read(written(tmp_path / "m.pt", zip_file(tree, turned, order="big")))
    np.testing.assert_array_equal(tensors["a"], array)
    tensors = weights.read(written(tmp_path / "none.pt", zip_file(tree, storages, order=None)))
    np.testing.assert_array_equal(tensors["a"], array)
    assert "'middle'" in message(weights.read, written(tmp_path / "x.pt", zip_file(tree, storages, order="middle")))
    tree, storages = state_dict({"a": array}, legacy=True)
    big = {"protocol_version": 1001, "little_endian": False, "type_sizes": {}}
    tensors = weights.read(written(tmp_path / "old.pth", legacy_file(tree, storages, machine=big)))
    np.testing.assert_array_equal(tensors["a"], array)
    assert "big-endian" in tensors.metadata["written on"]


@formats
def test_parameters_and_attributes(legacy: bool, tmp_path: Path) -> None:
    storage = stored("0", np.arange(6, dtype="f4"))
    plain = tensor(storage.reference(legacy), (2, 3))
    ordered = Call(Name("collections", "OrderedDict"))
    kinds = {
        "parameter": Call(Name("torch._utils", "_rebuild_parameter"), (plain, True, ordered)),
        "state": Call(Name("torch._utils", "_rebuild_parameter_with_state"), (plain, True, ordered, {"tag": 1})),
        "attributes": Call(
            Name("torch._tensor", "_rebuild_from_type_v2"),
            (plain.function, Name("torch", "Tensor"), plain.arguments, {"a": 1}),
        ),
        "untyped": Call(
            Name("torch._utils", "_rebuild_tensor_v3"),
            (
                storage.reference(legacy), 0, (2, 3), (3, 1), False, ordered, Name("torch", "float32"),
            ),
        ),
    }  # fmt: skip
    tensors = weights.read(written(tmp_path / "m.pth", made(kinds, [storage], legacy)))
    for name in kinds:
        np.testing.assert_array_equal(tensors[name], np.arange(6).reshape(2, 3))


@formats
@pytest.mark.parametrize(
    ("root", "tree", "names", "said"),
    [
        (None, lambda t: {"a.w": t, "b": t}, ["a.w", "b"], None),
        (None, lambda t: {"epoch": 7, "state_dict": {"a": t}}, ["a"], "state_dict"),
        (None, lambda t: {"model": {"module.a": t, "module.b": t}, "optimizer": {"s": {0: t}}}, ["a", "b"], "model"),
        (None, lambda t: {"_orig_mod.module.a": t}, ["a"], None),
        (None, lambda t: {"whatever": {"inner": {"a": t}}}, ["a"], "whatever.inner"),
        (None, lambda t: {"one": {"a": t}, "two": {"a": t}}, ["one.a", "two.a"], None),
        ("two", lambda t: {"one": {"a": t}, "two": {"b": t}}, ["b"], "two (as asked for)"),
        ("x.y", lambda t: {"x": {"y": {"b": t}}}, ["b"], "x.y (as asked for)"),
        (None, lambda t: [t, {"b": t}], ["0", "1.b"], None),
        (None, lambda t: t, ["tensor"], None),
    ],
)
def test_where_the_weights_are(
    root: str | None, tree: Callable[[Any], Any], names: list[str], said: str | None, legacy: bool, tmp_path: Path
) -> None:
    storage = stored("0", np.arange(3, dtype="f4"))
    content = made(tree(tensor(storage.reference(legacy), (3,))), [storage], legacy)
    tensors = weights.read(written(tmp_path / "m.pth", content), root)
    assert list(tensors) == names
    assert tensors.metadata.get("root") == said


def test_what_stands_beside_the_weights(tmp_path: Path) -> None:
    storage = stored("0", np.arange(3, dtype="f4"))
    one = tensor(storage.reference(False), (3,))
    tree = {"epoch": 7, "arch": "resnet18", "state_dict": {"module.a": one}, "ema": {"a": one}, "args": {"lr": 0.1}}
    tensors = weights.read(written(tmp_path / "m.pth", zip_file(tree, [storage])))
    assert tensors.metadata == {
        "root": "state_dict", "epoch": "7", "arch": "resnet18", "ema": "not read (root=... reads it)",
        "args": "not read", "prefix": "module. (taken off all names)",
    }  # fmt: skip
    assert "no tensors under 'nothing'" in message(weights.read, tmp_path / "m.pth", "nothing")


# Refused --------------------------------------------------------------------------------------------------------------

RAN = Path("was_run")


@formats
@pytest.mark.parametrize(
    ("name", "words"),
    [
        (("posix", "system"), "posix.system is refused"),
        (("builtins", "eval"), "builtins.eval is refused"),
        (("builtins", "getattr"), "builtins.getattr is refused"),
        (("torch.nn.modules.container", "Sequential"), r"container.Sequential is refused: .*state_dict\(\)"),
        (("models.mine", "Net"), r"models.mine.Net is refused: .*whole object"),
        (("torch", "load"), "torch.load is refused"),
        (("torch._utils", "_rebuild_tensor_v2.__globals__"), "is refused"),
        (("collections", "OrderedDict.__class__"), "is refused"),
        (("numpy.core.multiarray", "scalar"), "numpy.core.multiarray.scalar is refused"),
        (("torch.storage", "_load_from_bytes"), "is refused"),
        (("torch._utils", "_rebuild_qtensor"), "_rebuild_qtensor is refused"),
        (("a\nb", "c"), "refused|no text"),
    ],
)
@pytest.mark.parametrize("spelling", ["GLOBAL", "STACK_GLOBAL", "INST"])
def test_no_other_name_is_reached(
    name: tuple[str, str], words: str, spelling: str, legacy: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    module, function = name
    code = {
        "GLOBAL": encoded(Name(module, function)),
        "STACK_GLOBAL": encoded(module) + encoded(function) + b"\x93",
        "INST": b"(" + encoded(f"touch {RAN}") + b"i" + f"{module}\n{function}\n".encode(),
    }[spelling]
    if spelling == "INST":
        words = "INST is refused|refused|damaged"
    else:
        code += encoded((f"touch {RAN}",)) + b"R"
    storage = stored("0", np.zeros(2, "f4"))
    tree = {"a": tensor(storage.reference(legacy), (2,)), "b": Raw(code)}
    path = written(tmp_path / "m.pth", made(tree, [storage], legacy))
    with pytest.raises(InvalidInput, match=words):
        weights.read(path)
    assert not RAN.exists()


ORDERED = encoded(Call(Name("collections", "OrderedDict")))


@formats
@pytest.mark.parametrize(
    ("code", "words"),
    [
        (encoded("a") + encoded(()) + b"R", "a call of str is refused"),
        (encoded(Name("torch", "float32")) + encoded(()) + b"R", "a call of torch.float32 is refused"),
        (encoded(Name("torch", "FloatStorage")) + encoded((3,)) + b"R", "a call of torch.FloatStorage is refused"),
        (encoded(1) + encoded({"a": 1}) + b"b", "BUILD"),
        (ORDERED + encoded(5) + b"b", "BUILD"),
        (encoded(Name("torch", "Size")) + encoded({"a": 1}) + b"b", "BUILD"),
        (b"\x82\x01", "EXT1"),
        (b"(o", "OBJ|refused"),
        (b"Pname\n", "PERSID"),
        (encoded(("storage", "x")) + b"Q", "no storage"),
        (encoded(None) + b"Q", "no storage"),
        (encoded(("module", Name("torch", "FloatStorage"), "0", "cpu", 2)) + b"Q", "no storage"),
        (encoded(("storage", Name("torch", "float32"), "0", "cpu", 2)) + b"Q", "no storage whose numbers"),
        (encoded(("storage", Name("torch", "FloatStorage"), 0, "cpu", 2)) + b"Q", "no storage"),
        (encoded(("storage", Name("torch", "FloatStorage"), "0", "cpu", -2)) + b"Q", "no storage"),
        (encoded(("storage", Name("torch", "FloatStorage"), "0", "cpu", True)) + b"Q", "no storage"),
        (encoded(("storage", Name("torch", "LongStorage"), "0", "cpu", 2)) + b"Q", "two different"),
        (encoded(("storage", Name("torch", "FloatStorage"), "0", "cpu", 3)) + b"Q", "two different"),
        (b"}(" + encoded(()) + encoded(1) + b"u", "a key of a dict that is tuple"),
        (b"a", "puts|list|damaged|takes"),
        (b"h\x63", "damaged pickle"),
    ],
)
def test_no_other_opcode_does_anything(code: bytes, words: str, legacy: bool, tmp_path: Path) -> None:
    storage = stored("0", np.zeros(2, "f4"))
    tree = {"a": tensor(storage.reference(legacy), (2,)), "b": Raw(code)}
    with pytest.raises(InvalidInput, match=words):
        weights.read(written(tmp_path / "m.pth", made(tree, [storage], legacy)))


@formats
@pytest.mark.parametrize(
    ("shape", "strides", "offset", "words"),
    [
        ((3, 4), (4, 1), 1, "numbers up to 13 of a storage of 12"),
        ((13,), (1,), 0, "13 of a storage of 12"),
        ((2, 2), (2**40, 1), 0, "of a storage of 12"),
        ((2**40,), (0,), 0, "shape"),
        ((2**31, 2**31), (0, 0), 0, "shape"),
        ((2**62, 2), (1, 1), 0, "no counts"),
        ((2,), (1,), 2**63, "no counts"),
        ((2,), (1,), -1, "no counts"),
        ((-2,), (1,), 0, "no counts"),
        ((2,), (-1,), 1, "no counts"),
        ((2,), (1, 1), 0, "do not fit"),
        ((2,), (1.0,), 0, "no counts"),
        ((True,), (1,), 0, "no counts"),
        ((2,), (1,), None, "no counts"),
        ((1,) * 40, (1,) * 40, 0, "no counts"),
    ],
)
def test_numbers_outside_of_the_storage(
    shape: Any, strides: Any, offset: Any, words: str, legacy: bool, tmp_path: Path
) -> None:
    storage = stored("0", np.arange(12, dtype="f4"))
    tree = {"a": tensor(storage.reference(legacy), shape, strides, offset)}
    with pytest.raises(InvalidInput, match=words):
        weights.read(written(tmp_path / "m.pth", made(tree, [storage], legacy)))


@formats
def test_more_numbers_than_there_are(legacy: bool, tmp_path: Path) -> None:
    """A storage that says more than the file has; a few bytes that ask for terabytes."""
    storage = stored("0", np.arange(12, dtype="f4"))
    for count in (13, 2**40, 2**61):
        tree = {"a": tensor(storage.reference(legacy, count=count), (12,))}
        with pytest.raises(InvalidInput, match=r"13 are said|numbers, where|bytes, where|truncated"):
            weights.read(written(tmp_path / "m.pth", made(tree, [storage], legacy)))
    many = {f"a{k}": tensor(storage.reference(legacy), (2**21, 2), (0, 1)) for k in range(40)}
    with pytest.raises(InvalidInput, match=r"more than .* bytes of tensors in a file of"):
        weights.read(written(tmp_path / "m.pth", made(many, [storage], legacy)))


def test_a_truncated_file(tmp_path: Path) -> None:
    for legacy in (True, False):
        content = file_of({"a": np.arange(50, dtype="f4"), "b": np.zeros((2, 3), "f4")}, legacy)
        step = max(1, len(content) // 150)
        for end in range(0, len(content), step):
            with pytest.raises(InvalidInput):
                weights.read(written(tmp_path / "m.pth", content[:end]))


def test_keys_of_storages_that_are_not_right(tmp_path: Path) -> None:
    tree, storages = state_dict({"a": np.arange(3, dtype="f4"), "b": np.arange(4, dtype="f4")}, True)
    for keys, words in (
        (["0"], "is not in the file"),
        (["0", "0", "1"], "no list"),
        (["1", "0"], "numbers, where"),
        (["0", "1", "2"], "no tensor has"),
        ({"0": 1}, "no list"),
        ("01", "no list"),
    ):
        path = written(tmp_path / "m.pth", legacy_file(tree, storages, keys=keys))
        with pytest.raises(InvalidInput, match=words):
            weights.read(path)


def test_a_checkpoint_in_itself(tmp_path: Path) -> None:
    """Deep, in itself, and one that has 2^60 paths to one tensor."""
    storage = stored("0", np.zeros(2, "f4"))
    one = encoded(tensor(storage.reference(False), (2,)))
    itself = b"}q\x00(" + encoded("a") + one + encoded("b") + b"h\x00u"
    deep = one
    for _ in range(5000):
        deep = b"}(" + encoded("k") + deep + b"u"
    doubled = b"(" + encoded("x") + one + b"dq\x00"
    for k in range(60):
        doubled += b"(" + encoded("x") + b"h" + bytes([k]) + encoded("y") + b"h" + bytes([k]) + b"dq" + bytes([k + 1])
    for code in (itself, deep, doubled):
        path = written(tmp_path / "m.pt", zip_file(Raw(code), [storage]))
        with pytest.raises(InvalidInput):
            weights.read(path)


def test_archives_made_to_do_harm(tmp_path: Path) -> None:
    tree, storages = state_dict({"a": np.arange(64, dtype="f4")}, False)
    sound = zip_file(tree, storages)
    text = message(weights.read, written(tmp_path / "jit.pt", zip_file(tree, storages, **{"constants.pkl": b"x"})))
    assert "TorchScript" in text
    with pytest.raises(InvalidInput, match=r"one data.pkl"):
        weights.read(written(tmp_path / "two.pt", zip_file(tree, storages, **{"b/data.pkl": b"x"})))
    bomb = zip_file(tree, storages, compression=zipfile.ZIP_DEFLATED, big=bytes(100 << 20))
    with pytest.raises(InvalidInput, match=r"entries of .* bytes in an archive of"):
        weights.read(written(tmp_path / "bomb.pt", bomb))
    small = weights.read(written(tmp_path / "small.pt", zip_file(tree, storages, compression=zipfile.ZIP_DEFLATED)))
    np.testing.assert_array_equal(small["a"], np.arange(64))
    at = sound.index(storages[0].content)
    tensors = weights.read(written(tmp_path / "flipped.pt", sound[:at] + b"\xff" + sound[at + 1 :]))
    with pytest.raises(InvalidInput, match="does not fit its checksum"):
        tensors["a"]
    overlapping = bytearray(sound)
    central = sound.index(b"PK\x01\x02")
    second = sound.index(b"PK\x01\x02", central + 4)
    overlapping[second + 42 : second + 46] = struct.pack("<I", 4)
    with pytest.raises(InvalidInput, match=r"overlap|damaged"):
        weights.read(written(tmp_path / "overlap.pt", bytes(overlapping)))


def test_a_file_that_changes_after_it_was_read(tmp_path: Path) -> None:
    for legacy in (True, False):
        path = written(tmp_path / "m.pth", file_of({"a": np.arange(3, dtype="f4")}, legacy))
        tensors = weights.read(path)
        written(path, file_of({"a": np.arange(30, dtype="f4")}, legacy))
        with pytest.raises(InvalidInput, match="changed after"):
            tensors["a"]
        with pytest.raises(InvalidInput, match=r"tensor of .*'b'"):
            tensors["b"]


@formats
def test_a_reference_to_what_is_not_there(legacy: bool, tmp_path: Path) -> None:
    tree, _ = state_dict({"a": np.arange(3, dtype="f4")}, legacy)
    with pytest.raises(InvalidInput, match="not in the"):
        weights.read(written(tmp_path / "m.pth", made(tree, [], legacy)))
    hollow = {"a": tensor(Reference(None), (3,))}
    with pytest.raises(InvalidInput, match="no storage"):
        weights.read(written(tmp_path / "m.pth", made(hollow, [], legacy)))
