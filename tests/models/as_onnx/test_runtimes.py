"""What runtimes do that one would not guess: reasons for how files are written, and for what docs/export.md says."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tinyseg import layers
from tinyseg.layers import Input
from tinyseg.models import Model

from .runtimes import by_onnxruntime, by_openvino, computed, file_of
from .test_operations import some, write


def has_bfloat16() -> bool:
    """Return whether the processor computes with bfloat16."""
    try:
        words = set(Path("/proc/cpuinfo").read_text("utf-8", "replace").split())
    except OSError:
        return False
    return bool(words & {"avx512_bf16", "amx_bf16", "amx_tile"})


def test_openvino_computes_in_bfloat16_unless_it_is_told_not_to() -> None:
    pytest.importorskip("openvino")
    if not has_bfloat16():
        pytest.skip("this processor has no bfloat16")
    x = y = Input((40, 48, 3), name="x")
    for filters in (16, 16, 16, 4):
        y = layers.Conv2D(filters, 3, padding="same", activation="relu" if filters > 4 else "softmax")(y)
    model, image = Model(x, y), some(1, 40, 48, 3)
    content, _ = file_of(model)
    right = model.predict_on_batch(image)
    exact, usual = by_openvino(content, {"x": image})[0], by_openvino(content, {"x": image}, {})[0]
    assert np.abs(exact - right).max() < 1e-5
    assert np.abs(usual - right).max() > 1e-4


def test_resize_with_antialias_differs_at_the_borders_so_matrices_are_written() -> None:
    """With exclude_outside ONNX Runtime agrees with Pillow; OpenVINO ignores it. A product is the same in both."""
    from PIL import Image

    image = some(1, 9, 14, 1)
    x = Input((9, 14, 1), name="x")
    model = Model(x, layers.Resizing(4, 5, antialias=True)(x))
    pillow = np.asarray(Image.fromarray(image[0, :, :, 0]).resize((5, 4), Image.Resampling.BILINEAR))
    for run in (by_onnxruntime, by_openvino):
        y = computed(run, model, [image])[0]
        np.testing.assert_allclose(y[0, :, :, 0], pillow, atol=1e-5)


@pytest.mark.parametrize(("exclude", "off"), [(0, True), (1, False)])
def test_antialias_in_onnx_runtime_needs_exclude_outside(exclude: int, off: bool, tmp_path: Path) -> None:
    from PIL import Image

    image = some(1, 1, 9, 14)
    how = {"mode": "linear", "antialias": 1, "exclude_outside": exclude}
    sizes = {"s": np.array([1, 1, 4, 5])}
    content = write(tmp_path / "net.onnx", [("Resize", "x,,,s", "y", how)], sizes, image.shape, opset=18)
    pillow = np.asarray(Image.fromarray(image[0, 0]).resize((5, 4), Image.Resampling.BILINEAR))
    error = float(np.abs(by_onnxruntime(content, {"x": image})[0][0, 0] - pillow).max())
    assert (error > 0.01) == off


def test_same_padding_of_windows_smaller_than_their_stride_is_not_left_to_onnx_runtime(tmp_path: Path) -> None:
    """There 'same' needs less than nothing; SAME_UPPER then takes a padding below 0, or refuses it."""
    ort = pytest.importorskip("onnxruntime")
    image = some(1, 1, 5, 10)
    how = {"auto_pad": "SAME_UPPER", "strides": [5, 5], "kernel_shape": [1, 1]}
    content = write(
        tmp_path / "conv.onnx", [("Conv", "x,k", "y", how)], {"k": np.ones((1, 1, 1, 1), np.float32)}, (1, 1, "h", "w")
    )
    moved = by_onnxruntime(content, {"x": image})[0]
    content = write(tmp_path / "pool.onnx", [("MaxPool", "x", "y", how)], {}, (1, 1, "h", "w"))
    if ort.__version__ == "1.32.0":
        assert np.abs(moved - image[:, :, ::5, ::5]).max() > 0.1
        with pytest.raises(Exception, match="padding values must be non-negative"):
            by_onnxruntime(content, {"x": image})
    x = Input((None, None, 1), name="x")
    given = [np.ascontiguousarray(image.transpose(0, 2, 3, 1))]
    for layer in (
        layers.Conv2D(1, 1, strides=5, padding="same", kernel_initializer="ones"),
        layers.MaxPooling2D(1, 5, "same"),
    ):
        y = computed(by_onnxruntime, Model(x, layer(x)), given)[0]
        np.testing.assert_allclose(y, given[0][:, ::5, ::5], atol=1e-6)


def test_openvino_makes_relu_of_nan_zero() -> None:
    x = Input((4,), name="x")
    model, values = Model(x, layers.ReLU()(x)), np.array([[np.nan, -1.0, 2.0, np.nan]], np.float32)
    np.testing.assert_array_equal(computed(by_onnxruntime, model, [values])[0], [[np.nan, 0, 2, np.nan]])
    np.testing.assert_array_equal(computed(by_openvino, model, [values])[0], [[0, 0, 2, 0]])


@pytest.mark.parametrize("padding", ["same", "valid"])
@pytest.mark.parametrize("size", [(7, 9), (8, 6), (5, 5)])
def test_an_average_does_not_count_its_padding(padding: str, size: tuple[int, int]) -> None:
    x = Input((None, None, 2), name="x")
    model = Model(x, layers.AveragePooling2D(3, 2, padding)(x))
    image = some(2, *size, 2) + 5
    for run in (by_onnxruntime, by_openvino):
        np.testing.assert_allclose(computed(run, model, [image])[0], model.predict_on_batch(image), atol=1e-5)


@pytest.mark.parametrize("size", [(7, 10), (8, 8), (9, 5)])
def test_same_padding_at_stride_2_follows_the_size(size: tuple[int, int]) -> None:
    x = Input((None, None, 2), name="x")
    y = layers.Conv2D(3, 3, strides=2, padding="same")(x)
    model = Model(x, layers.Conv2DTranspose(2, 3, strides=2, padding="same")(layers.MaxPooling2D(3, 2, "same")(y)))
    image = some(2, *size, 2)
    for run in (by_onnxruntime, by_openvino):
        np.testing.assert_allclose(computed(run, model, [image])[0], model.predict_on_batch(image), atol=1e-5)
