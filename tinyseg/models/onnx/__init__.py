"""Networks as files of ONNX, both ways.

Out: `nodes/` says for each layer which operations of ONNX compute it, `network.py` draws a whole network of them,
`export.py` writes the file and has ONNX Runtime compute it once. In: `reading/`.
"""

from __future__ import annotations
