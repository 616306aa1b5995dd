"""The runtimes that files are held against, each run such that it is exact; tests are skipped without them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from tinyseg_kernels.types import Array

from tinyseg.models import Model
from tinyseg.models.onnx.export import Drawn, draw
from tinyseg.models.onnx.files import Tensor, serialized

onnx = pytest.importorskip("onnx")

EXACT = {"INFERENCE_PRECISION_HINT": "f32"}
"""Without it OpenVINO computes in bfloat16 on processors that have it."""

Run = Callable[[bytes, dict[str, Array]], list[Array]]
"""(file, inputs) -> outputs."""


def by_onnxruntime(content: bytes, inputs: dict[str, Array]) -> list[Array]:
    """Compute with ONNX Runtime."""
    ort = pytest.importorskip("onnxruntime")
    options = ort.SessionOptions()
    options.log_severity_level = 4  # what a free length is called says nothing about its size
    options.intra_op_num_threads = 1
    session = ort.InferenceSession(content, options, providers=["CPUExecutionProvider"])
    return list(session.run(None, inputs))


def by_openvino(content: bytes, inputs: dict[str, Array], hints: dict[str, str] | None = None) -> list[Array]:
    """Compute with OpenVINO, in float32 unless other hints are given."""
    openvino = pytest.importorskip("openvino")
    core = openvino.Core()
    compiled = core.compile_model(core.read_model(content), "CPU", EXACT if hints is None else hints)
    found = compiled(inputs)
    return [np.array(found[output]) for output in compiled.outputs]


RUNTIMES: dict[str, Run] = {"onnxruntime": by_onnxruntime, "openvino": by_openvino}


def file_of(model: Model, own_batches: bool = False, **options: Any) -> tuple[bytes, Drawn]:
    """Return a model's file, not yet on disk; with `own_batches` each input may have a batch of another length."""
    drawn = draw(model, **options)
    if own_batches:
        inputs, outputs = ([_renamed(item) for item in items] for items in (drawn.inputs, drawn.outputs))
        drawn = replace(drawn, inputs=tuple(inputs), outputs=tuple(outputs))
    return serialized(drawn.drawing, drawn.inputs, drawn.outputs, None, "test", {})[0], drawn


def _renamed(item: Tensor) -> Tensor:
    return replace(item, shape=tuple(f"{item.name}_{n}" if isinstance(n, str) else n for n in item.shape))


def computed(run: Run, model: Model, xs: Sequence[Array], **options: Any) -> list[Array]:
    """Return what a runtime computes of a model's file."""
    content, drawn = file_of(model, **options)
    return run(content, dict(zip((item.name for item in drawn.inputs), xs, strict=True)))
