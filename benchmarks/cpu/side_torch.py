"""PyTorch's side: eager, images channels-last or in PyTorch's default layout."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch

from ..common import torch_networks
from ..common.arrays import from_torch, to_torch
from ..common.networks import NetworkCase, compiled
from .case import Operation, Steps


class Side:
    """Steps in PyTorch."""

    def __init__(self, layout: str, threads: int) -> None:
        """Set the number of threads; the layout is 'channels_last' or 'default'."""
        torch.set_num_threads(threads)
        self.channels_last = layout == "channels_last"

    def operation(self, case: Operation) -> Steps:
        """Return the steps of an operation."""
        given = zip(case.inputs(), case.layouts, strict=True)
        return case.torch(
            torch, *[to_torch(torch, array, layout, "cpu", channels_last=self.channels_last) for array, layout in given]
        )

    def network(self, case: NetworkCase) -> Steps:
        """Return a training step, which returns the loss, and inference, which returns the classes' shares."""
        net, model = case.peer(torch), compiled(case)
        torch_networks.take_parameters(torch, net, list(model.parameters.values()))
        del model
        if self.channels_last:
            net = net.to(memory_format=torch.channels_last)
        images, labels = case.data(case.batch)
        x = to_torch(torch, images, "image", "cpu", channels_last=self.channels_last)
        step = torch_networks.training_step(torch, net, x, labels, "cpu", case.learning_rate)

        def train() -> tuple[Any]:
            net.train()
            return (float(step()),)

        @torch.inference_mode()
        def inference() -> tuple[Any]:
            net.eval()
            return (torch.softmax(net(x), dim=1),)

        return {"train": train, "inference": inference}

    def to_numpy(self, outputs: Sequence[Any], layouts: Sequence[str]) -> list[np.ndarray]:
        """Return the outputs as arrays in our layout."""
        return [
            from_torch(output, layout) if isinstance(output, torch.Tensor) else np.asarray(output)
            for output, layout in zip(outputs, layouts, strict=True)
        ]

    def rates(self) -> dict[str, float]:
        """Return the rates that PyTorch reaches: its matrix product, and a copy."""
        from .roofline import measure

        edge, count = 2048, 1 << 26
        a = torch.ones(edge, edge)
        product, source, target = torch.empty(edge, edge), torch.zeros(count), torch.zeros(count)
        return measure(lambda: torch.mm(a, a, out=product), lambda: target.copy_(source), edge, 4 * count)
