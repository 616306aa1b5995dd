"""Whole training steps against PyTorch and against the fastest backend of the CPU.

U-Nets and the article's network at batch sizes that fill the chip.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from statistics import median
from typing import Any

import numpy as np
from tinyseg_kernels.backend import GPU_BACKENDS, RUNGS, backend
from tinyseg_kernels.device import to_device, to_host

from tinyseg.models import Model

from ..common import torch_networks
from ..common.arrays import TO_TORCH
from ..common.networks import NetworkCase, article, compiled, unet

CPU_BATCH = 4
"""Images in a step on the CPU, which takes seconds; times are compared per image."""


def cases(tiny: bool) -> Iterator[NetworkCase]:
    """Return the cases; tiny ones have the same code and a few numbers."""
    unets = [(2, 8, 2, 1)] if tiny else [(64, 256, 32, 4), (16, 512, 64, 4)]
    for batch, size, filters, depth in unets:
        case = unet(batch, size, filters, depth)
        yield case
        yield replace(case, group="U-Net, tf32", precision="tf32")
    yield article(*((2, 10, 4, 8) if tiny else (256, 224, 64, 128)))


def our_step(model: Model, images: np.ndarray, labels: np.ndarray) -> Callable[[], Any]:
    """Return a training step on the backend in use.

    Images are on the device, labels are checked on the host and copied, as `fit` does.
    """
    model.to_backend()
    x = to_device(images)
    return lambda: model.train_step(x, labels)[0][0]


def peer_step(
    torch: Any, case: NetworkCase, model: Model, images: np.ndarray, labels: np.ndarray, device: str
) -> Callable[[], Any]:
    """Return PyTorch's training step with the parameters that the model has now."""
    net = case.peer(torch)
    torch_networks.take_parameters(torch, net, [to_host(array) for array in model.parameters.values()])
    net = net.to(device, memory_format=torch.channels_last)
    net.train()
    x = torch.from_numpy(images).to(device).permute(TO_TORCH["image"])
    return torch_networks.training_step(torch, net, x, labels, device, case.learning_rate)


def cpu_seconds_per_image(case: NetworkCase, batch: int = CPU_BATCH, steps: int = 3) -> tuple[str, float]:
    """Return the fastest backend of the CPU and its time for a training step, divided by the images in it."""
    images, labels = case.data(batch)
    found = {}
    for name in RUNGS:
        if name in GPU_BACKENDS or name == "naive":
            continue
        with backend(name):
            model = compiled(case)
            times = []
            for _ in range(steps + 1):  # the first one also allocates
                started = time.perf_counter()
                model.train_step(images, labels)
                times.append(time.perf_counter() - started)
            found[name] = median(times[1:]) / batch
        del model
        gc.collect()
    fastest = min(found, key=lambda name: found[name])
    return fastest, found[fastest]
