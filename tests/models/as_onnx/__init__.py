"""Networks as files of ONNX, both ways."""
