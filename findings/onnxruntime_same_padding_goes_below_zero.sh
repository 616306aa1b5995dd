#!/usr/bin/env bash
# onnxruntime 1.32.0: with auto_pad=SAME_UPPER and a window smaller than its stride, the padding
# (out - 1) * stride + window - size can be below 0, and is then taken as it is. Conv moves its windows to the
# right, without a word, where TensorFlow and Keras (and OpenVINO 2026.4.1) begin with the first pixel; MaxPool refuses the
# same node. ONNX's formula has no max(..., 0) either. A 1 x 1 convolution with stride 5 of 0 1 2 3 4:
#
#     ONNX Runtime   1        OpenVINO, and Keras's "same"   0
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check onnx==1.23.2 onnxruntime==1.32.0 openvino==2026.4.1 \
    numpy==2.4.6
cd "$folder"
"$folder/venv/bin/python" - <<'PYTHON'
import numpy as np
import onnxruntime
import openvino
from onnx import checker, helper, numpy_helper


def model(operation, *inputs):
    node = helper.make_node(
        operation, ["x", *inputs], ["y"], auto_pad="SAME_UPPER", strides=[1, 5], kernel_shape=[1, 1]
    )
    ends = [helper.make_tensor_value_info(name, 1, [1, 1, 1, None]) for name in "xy"]
    constants = [numpy_helper.from_array(np.ones((1, 1, 1, 1), np.float32), "k")] if inputs else []
    graph = helper.make_graph([node], "same", ends[:1], ends[1:], constants)
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 21)], ir_version=10)
    checker.check_model(made, full_check=True)
    return made.SerializeToString()


x = np.arange(5, dtype=np.float32).reshape(1, 1, 1, 5)
options = onnxruntime.SessionOptions()
options.log_severity_level = 4
by_onnxruntime = onnxruntime.InferenceSession(model("Conv", "k"), options).run(None, {"x": x})[0].ravel()
core = openvino.Core()
compiled = core.compile_model(core.read_model(model("Conv", "k")), "CPU", {"INFERENCE_PRECISION_HINT": "f32"})
by_openvino = compiled([x])[0].ravel()
print("Conv: ONNX Runtime", by_onnxruntime, " OpenVINO", by_openvino)
assert by_onnxruntime.tolist() == [1.0]
assert by_openvino.tolist() == [0.0]
try:
    onnxruntime.InferenceSession(model("MaxPool"), options).run(None, {"x": x})
except Exception as error:
    print("MaxPool: ONNX Runtime:", str(error).split("Status Message: ")[-1])
    assert "padding values must be non-negative" in str(error)
else:
    raise AssertionError("MaxPool computed it")
PYTHON
