"""MobileNetV2 at 224 x 224 and a training step of a U-Net on ResNet18, side by side with PyTorch and OpenVINO.

    python -m benchmarks.classifiers --batch 1 8              # MobileNetV2 predicts
    python -m benchmarks.classifiers --train --rounds 5       # ResNet18-U-Net, 4 images of 256 x 256, one training step

Rounds alternate between all of them, and a ratio is that of medians. PyTorch computes channels_last, for predictions
without gradients; set its allocator's thresholds as for the other benchmarks (MALLOC_TRIM_THRESHOLD_,
MALLOC_MMAP_THRESHOLD_). OpenVINO, where it is installed, computes the file that `model.export` writes, in float32.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
from tinyseg_kernels.types import FloatArray

from tinyseg.applications import MobileNetV2, UNet
from tinyseg.models import Model

CLASSES = 12


def seconds(call: Callable[[], object]) -> float:
    """Return how long a call takes."""
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


def compared(calls: dict[str, Callable[[], object]], rounds: int) -> dict[str, float]:
    """Return the medians of alternating calls, in seconds."""
    for call in [*calls.values()] * 2:
        call()
    times = [{name: seconds(call) for name, call in calls.items()} for _ in range(rounds)]
    return {name: median(of_round[name] for of_round in times) for name in calls}


def predictions(batch: int) -> dict[str, Callable[[], object]]:
    """Return what predicts a batch with MobileNetV2."""
    import torch

    from tests.applications.torch_networks import MobileNetV2 as Peer

    model, peer = MobileNetV2(), Peer(1000).eval()
    peer.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    x = np.random.default_rng(0).normal(size=(batch, 224, 224, 3)).astype(np.float32)
    there = torch.from_numpy(x.transpose(0, 3, 1, 2))  # the same memory: channels last

    def of_peer() -> object:
        with torch.inference_mode():
            return peer(there)

    calls = {"tinyseg": lambda: model.predict(x, batch_size=batch, verbose=0), "PyTorch": of_peer}
    if find_spec("openvino") and find_spec("onnx"):
        calls["OpenVINO"] = of_openvino(model, x)
    return calls


def of_openvino(model: Model, x: FloatArray) -> Callable[[], object]:
    """Return what predicts x with OpenVINO, from the exported file, and gives the same."""
    openvino: Any = import_module("openvino")

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.onnx"
        model.export(path, verbose=False)
        network = openvino.Core().read_model(path)
        network.reshape(x.shape)
        threads = int(os.environ.get("TINYSEG_NUM_THREADS") or os.cpu_count() or 1)
        options = {"INFERENCE_PRECISION_HINT": "f32", "PERFORMANCE_HINT": "LATENCY", "INFERENCE_NUM_THREADS": threads}
        compiled = openvino.compile_model(network, "CPU", options)
    np.testing.assert_allclose(compiled(x)[0], model.predict(x, verbose=0), rtol=1e-3, atol=1e-5)
    return lambda: compiled(x)


def training(size: int = 256, batch: int = 4) -> dict[str, Callable[[], object]]:
    """Return what takes a training step of a U-Net on ResNet18: forward, backward, Adam."""
    import torch

    random = np.random.default_rng(0)
    x = random.random((batch, size, size, 3), dtype=np.float32)
    y = random.integers(0, CLASSES, (batch, size, size))
    model = UNet((size, size, 3), CLASSES, encoder="resnet18")
    model.compile(optimizer="adam", loss="sparse_categorical_crossentropy")
    there, labels = torch.from_numpy(x.transpose(0, 3, 1, 2)), torch.from_numpy(y)

    def step(compiles: bool) -> Callable[[], object]:
        peer = peer_unet()
        own = sum(a.size for layer in model.layers for a in layer.parameters.values())
        if own != sum(p.numel() for p in peer.parameters()):
            raise RuntimeError("the networks differ")
        peer.to(memory_format=torch.channels_last).train()
        optimizer = torch.optim.Adam(peer.parameters())
        forward = torch.compile(peer) if compiles else peer

        def run() -> object:
            optimizer.zero_grad()
            loss: Any = torch.nn.functional.cross_entropy(forward(there), labels)
            loss.backward()
            optimizer.step()
            return loss.item()

        return run

    return {"tinyseg": lambda: model.train_on_batch(x, y), "PyTorch": step(False), "PyTorch compiled": step(True)}


def peer_unet() -> Any:
    """Return `UNet(encoder="resnet18")` in PyTorch: logits from images, the decoder of 16 to 256 channels."""
    import torch
    from torch import nn
    from torch.nn import functional as F

    from tests.applications.torch_networks import ResNet

    def block(before: int, after: int) -> Any:
        layers: list[Any] = []
        for count in (before, after):
            layers += [nn.Conv2d(count, after, 3, padding=1, bias=False), nn.BatchNorm2d(after), nn.ReLU(inplace=True)]
        return nn.Sequential(*layers)

    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.down = ResNet((2, 2, 2, 2), False)
            del self.down.fc
            before, across = 512, (256, 128, 64, 64, 0)
            self.up, self.join = nn.ModuleList(), nn.ModuleList()
            for beside, width in zip(across, (256, 128, 64, 32, 16), strict=True):
                self.up.append(nn.ConvTranspose2d(before, width, 2, stride=2))
                self.join.append(block(width + beside, width))
                before = width
            self.scores = nn.Conv2d(before, CLASSES, 1)

        def forward(self, x: Any) -> Any:
            down = self.down
            across = [F.relu(down.bn1(down.conv1(x)))]
            x = F.max_pool2d(across[0], 3, 2, 1)
            for stage in range(1, 5):
                x = getattr(down, f"layer{stage}")(x)
                across.append(x)
            across.pop()
            for up, join in zip(self.up, self.join, strict=True):
                x = up(x)
                x = join(torch.cat([x, across.pop()], 1) if across else x)
            return self.scores(x)

    return Net()


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--batch", type=int, nargs="+", default=[1, 8])
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--train", action="store_true", help="a training step of a U-Net on ResNet18 instead")
    options = parser.parse_args()
    for batch in [4] if options.train else options.batch:
        medians = compared(training(batch=batch) if options.train else predictions(batch), options.rounds)
        own = medians.pop("tinyseg")
        told = [f"{name} {1000 * s:.1f} ms ({s / own:.2f} times as long)" for name, s in medians.items()]
        print(f"batch {batch}: tinyseg {1000 * own:.1f} ms, {', '.join(told)}", flush=True)


if __name__ == "__main__":
    main()
