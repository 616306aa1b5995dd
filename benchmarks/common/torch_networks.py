"""The same networks in PyTorch, with the parameters in the same order as tinyseg's.

Convolution, normalisation, activation as `tinyseg.applications.UNet` has them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np


def unet(torch: Any, channels: int, classes: int, filters: int, depth: int, batch_normalization: bool = True) -> Any:
    """Return a U-Net like `UNet((None, None, channels), classes, filters=filters, depth=depth)`, which gives logits."""
    nn = torch.nn

    def block(before: int, after: int) -> Any:
        layers: list[Any] = []
        for count in (before, after):
            layers.append(nn.Conv2d(count, after, 3, padding=1, bias=not batch_normalization))
            if batch_normalization:
                layers.append(nn.BatchNorm2d(after, eps=1e-3))
            layers.append(nn.ReLU(inplace=True))
        return nn.Sequential(*layers)

    class Net(nn.Module):  # type: ignore[misc, name-defined]
        def __init__(self) -> None:
            super().__init__()
            widths = [filters * 2**level for level in range(depth + 1)]
            before = [channels, *widths]
            self.down = nn.ModuleList(block(before[k], widths[k]) for k in range(depth))
            self.bottom = block(widths[depth - 1], widths[depth])
            levels = list(reversed(range(depth)))
            self.up = nn.ModuleList(nn.ConvTranspose2d(widths[k + 1], widths[k], 2, stride=2) for k in levels)
            self.join = nn.ModuleList(block(2 * widths[k], widths[k]) for k in levels)
            self.scores = nn.Conv2d(widths[0], classes, 1)

        def forward(self, x: Any) -> Any:
            across = []
            for stage in self.down:
                x = stage(x)
                across.append(x)
                x = nn.functional.max_pool2d(x, 2)
            x = self.bottom(x)
            for up, join in zip(self.up, self.join, strict=True):
                x = join(torch.cat([up(x), across.pop()], dim=1))
            return self.scores(x)

        def in_order(self) -> list[Any]:
            pairs = [module for pair in zip(self.up, self.join, strict=True) for module in pair]
            return [p for module in [*self.down, self.bottom, *pairs, self.scores] for p in module.parameters()]

    return Net()


def separable(torch: Any, channels: int, classes: int, filters: int, depth: int) -> Any:
    """Return the U-Net of separable convolutions of `benchmarks.common.networks`, which gives logits."""
    nn = torch.nn

    def normalised(convolution: Any) -> list[Any]:
        return [convolution, nn.BatchNorm2d(convolution.out_channels, eps=1e-3), nn.ReLU(inplace=True)]

    def block(before: int, after: int) -> Any:
        layers = []
        for count in (before, after):
            layers += normalised(nn.Conv2d(count, count, 3, padding=1, groups=count, bias=False))
            layers += normalised(nn.Conv2d(count, after, 1, bias=False))
        return nn.Sequential(*layers)

    class Net(nn.Module):  # type: ignore[misc, name-defined]
        def __init__(self) -> None:
            super().__init__()
            widths = [filters * 2**level for level in range(depth + 1)]
            before = [filters, *widths]
            self.stem = nn.Sequential(*normalised(nn.Conv2d(channels, filters, 3, padding=1, bias=False)))
            self.down = nn.ModuleList(block(before[k], widths[k]) for k in range(depth))
            self.bottom = block(widths[depth - 1], widths[depth])
            self.join = nn.ModuleList(block(widths[k + 1] + widths[k], widths[k]) for k in reversed(range(depth)))
            self.scores = nn.Conv2d(widths[0], classes, 1)

        def forward(self, x: Any) -> Any:
            x, across = self.stem(x), []
            for stage in self.down:
                x = stage(x)
                across.append(x)
                x = nn.functional.max_pool2d(x, 2)
            x = self.bottom(x)
            for join in self.join:
                x = nn.functional.interpolate(x, scale_factor=2, mode="bilinear", align_corners=False)
                x = join(torch.cat([x, across.pop()], dim=1))
            return self.scores(x)

        def in_order(self) -> list[Any]:
            return list(self.parameters())

    return Net()


def article(torch: Any, size: int, classes: int, filters: int, units: int) -> Any:
    """Return the article's network: two 3x3 convolutions, pooling, two dense layers, class scores as logits."""
    nn = torch.nn
    flat = ((size - 4) // 2) ** 2 * filters

    class ChannelsLast(nn.Module):  # type: ignore[misc, name-defined]
        def forward(self, x: Any) -> Any:
            return x.permute(0, 2, 3, 1).flatten(1)  # the order in which tinyseg flattens

    net = nn.Sequential(
        nn.Conv2d(3, filters, 3),
        nn.ReLU(inplace=True),
        nn.Conv2d(filters, filters, 3),
        nn.ReLU(inplace=True),
        nn.MaxPool2d(2),
        ChannelsLast(),
        nn.Linear(flat, units),
        nn.ReLU(inplace=True),
        nn.Linear(units, units),
        nn.ReLU(inplace=True),
        nn.Linear(units, classes),
    )
    net.in_order = lambda: list(net.parameters())
    return net


def take_parameters(torch: Any, net: Any, arrays: Sequence[np.ndarray]) -> None:
    """Give the network tinyseg's parameters, so that both start from the same numbers."""
    with torch.no_grad():
        for parameter, array in zip(net.in_order(), arrays, strict=True):
            order = {4: (3, 2, 0, 1), 2: (1, 0)}.get(array.ndim, (0,))
            if array.ndim == 4 and array.shape[3] == 1 == parameter.shape[1]:
                order = (2, 3, 0, 1)  # one filter for each channel
            parameter.copy_(torch.from_numpy(np.ascontiguousarray(array.transpose(order))))


def training_step(
    torch: Any, net: Any, x: Any, labels: np.ndarray, device: str, learning_rate: float
) -> Callable[[], Any]:
    """Return a step of Adam on a batch on the device; labels come from the host each time, as in tinyseg."""
    optimizer = torch.optim.Adam(net.parameters(), learning_rate, eps=1e-7, fused=True)
    host = torch.from_numpy(labels)
    host = host.pin_memory() if device == "cuda" else host

    def step() -> Any:
        optimizer.zero_grad(set_to_none=True)
        loss = torch.nn.functional.cross_entropy(net(x), host.to(device, non_blocking=True))
        loss.backward()
        optimizer.step()
        return loss.detach()

    return step
