#!/usr/bin/env bash
# The mean IoU of the same two masks of 4 x 4 pixels, in a task of four classes of which two do not occur, is
# 0.375 to 0.875 by six libraries: they differ in what a class counts that is absent (0 / 0).
#
#     0.375  PyTorch-Ignite 0.5.5 mIoU
#     0.375  scikit-learn 1.9.1 jaccard_score, macro, labels=range(4)
#     0.750  Keras 3.15.1 MeanIoU
#     0.750  TorchMetrics 1.9.0 MeanIoU
#     0.750  MONAI 1.6.1 MeanIoU
#     0.875  segmentation-models-pytorch 0.6.0 iou_score, macro
#
# And MONAI skips a class that is not in the truth even where it is predicted: one wrong pixel of such a class takes
# Keras's value from 0.750 to 0.472, MONAI's to 0.708. Chapter 8 of the book has the formulas.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check torch==2.13.0 pytorch-ignite==0.5.5 \
  scikit-learn==1.9.1 keras==3.15.1 torchmetrics==1.9.0 monai==1.6.1
# Without its networks and what they need: its metrics are one file that needs torch alone.
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check --no-deps segmentation-models-pytorch==0.6.0
cd "$folder"
KERAS_BACKEND=torch "$folder/venv/bin/python" -W ignore - <<'PYTHON'
import runpy
from importlib.metadata import files

import keras
import numpy as np
import torch
from ignite.metrics import ConfusionMatrix, mIoU
from monai.metrics import MeanIoU as MonaiMeanIoU
from sklearn.metrics import jaccard_score
from torchmetrics.segmentation import MeanIoU as TorchMeanIoU

functional = next(f for f in files("segmentation-models-pytorch") if str(f).endswith("metrics/functional.py"))
smp = runpy.run_path(functional.locate())
K = 4
truth = np.array([[0, 0, 0, 0], [0, 0, 0, 0], [0, 0, 1, 1], [0, 1, 1, 1]])
prediction = np.array([[0, 0, 0, 0], [0, 0, 0, 0], [0, 0, 0, 1], [1, 1, 1, 1]])


def by_all(truth, prediction):
    t, p = torch.tensor(truth)[None], torch.tensor(prediction)[None]
    one_hot = [torch.nn.functional.one_hot(ids, K).permute(0, 3, 1, 2) for ids in (p, t)]
    found = {"scikit-learn": jaccard_score(truth.ravel(), prediction.ravel(), average="macro", labels=range(K))}
    counts = ConfusionMatrix(num_classes=K)
    metric = mIoU(counts)
    counts.update((one_hot[0].float(), t))
    found["PyTorch-Ignite"] = metric.compute()
    metric = keras.metrics.MeanIoU(num_classes=K)
    metric.update_state(truth, prediction)
    found["Keras"] = metric.result()
    metric = TorchMeanIoU(num_classes=K, input_format="index")
    metric.update(p, t)
    found["TorchMetrics"] = metric.compute()
    metric = MonaiMeanIoU()
    metric(*one_hot)
    found["MONAI"] = metric.aggregate()
    counts = smp["get_stats"](p, t, mode="multiclass", num_classes=K)
    found["segmentation-models-pytorch"] = smp["iou_score"](*counts, reduction="macro")
    return {name: round(float(value), 3) for name, value in found.items()}


values = by_all(truth, prediction)
invented = prediction.copy()
invented[0, 0] = 2
after = by_all(truth, invented)
for name, value in values.items():
    print(f"{name:28s} {value:.3f}, with one pixel of an invented class {after[name]:.3f}")
assert values == {
    "scikit-learn": 0.375,
    "PyTorch-Ignite": 0.375,
    "Keras": 0.75,
    "TorchMetrics": 0.75,
    "MONAI": 0.75,
    "segmentation-models-pytorch": 0.875,
}
assert (after["Keras"], after["MONAI"]) == (0.472, 0.708)
PYTHON
