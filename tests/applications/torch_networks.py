"""The networks of torchvision, and EfficientNet-Lite, written in plain PyTorch: the names of their tensors are theirs.

Built from the papers and the names in the published files; torchvision itself is not needed.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from typing import Any

import pytest

torch = pytest.importorskip("torch")
from torch import nn  # noqa: E402
from torch.nn import functional as F  # noqa: E402


class Residual(nn.Module):
    """ResNet's block: basic, or a bottleneck with the stride in its 3x3."""

    def __init__(self, before: int, width: int, stride: int, bottleneck: bool) -> None:
        super().__init__()
        shapes = (
            [(width, 1, 1), (width, 3, stride), (4 * width, 1, 1)]
            if bottleneck
            else [(width, 3, stride), (width, 3, 1)]
        )
        self.count, channels = len(shapes), before
        for k, (filters, size, step) in enumerate(shapes, 1):
            setattr(self, f"conv{k}", nn.Conv2d(channels, filters, size, step, size // 2, bias=False))
            setattr(self, f"bn{k}", nn.BatchNorm2d(filters))
            channels = filters
        self.downsample = None
        if stride != 1 or before != channels:
            self.downsample = nn.Sequential(
                nn.Conv2d(before, channels, 1, stride, bias=False), nn.BatchNorm2d(channels)
            )

    def forward(self, x: Any) -> Any:
        y = x
        for k in range(1, self.count + 1):
            y = getattr(self, f"bn{k}")(getattr(self, f"conv{k}")(y))
            y = F.relu(y) if k < self.count else y
        return F.relu(y + (x if self.downsample is None else self.downsample(x)))


class ResNet(nn.Module):
    """ResNet18, 34, 50."""

    def __init__(self, counts: Sequence[int], bottleneck: bool, classes: int = 10) -> None:
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(3, 64, 7, 2, 3, bias=False), nn.BatchNorm2d(64)
        before, factor = 64, 4 if bottleneck else 1
        for stage, (width, count) in enumerate(zip((64, 128, 256, 512), counts, strict=True), 1):
            blocks = []
            for k in range(count):
                blocks.append(Residual(before, width, 2 if stage > 1 and k == 0 else 1, bottleneck))
                before = factor * width
            setattr(self, f"layer{stage}", nn.Sequential(*blocks))
        self.fc = nn.Linear(before, classes)

    def forward(self, x: Any) -> Any:
        x = F.max_pool2d(F.relu(self.bn1(self.conv1(x))), 3, 2, 1)
        for stage in range(1, 5):
            x = getattr(self, f"layer{stage}")(x)
        return self.fc(x.mean((2, 3)))


class VGG16(nn.Module):
    """VGG16; `size` is that of its last map."""

    def __init__(self, size: tuple[int, int], classes: int = 10) -> None:
        super().__init__()
        parts: list[Any] = []
        before = 3
        for filters, count in ((64, 2), (128, 2), (256, 3), (512, 3), (512, 3)):
            for _ in range(count):
                parts += [nn.Conv2d(before, filters, 3, padding=1), nn.ReLU()]
                before = filters
            parts.append(nn.MaxPool2d(2))
        self.features = nn.Sequential(*parts)
        self.classifier = nn.Sequential(
            nn.Linear(512 * size[0] * size[1], 4096), nn.ReLU(), nn.Dropout(), nn.Linear(4096, 4096), nn.ReLU(),
            nn.Dropout(), nn.Linear(4096, classes),
        )  # fmt: skip

    def forward(self, x: Any) -> Any:
        return self.classifier(self.features(x).flatten(1))


class Fire(nn.Module):
    """SqueezeNet's module."""

    def __init__(self, before: int, squeezed: int) -> None:
        super().__init__()
        self.squeeze = nn.Conv2d(before, squeezed, 1)
        self.expand1x1 = nn.Conv2d(squeezed, 4 * squeezed, 1)
        self.expand3x3 = nn.Conv2d(squeezed, 4 * squeezed, 3, padding=1)

    def forward(self, x: Any) -> Any:
        x = F.relu(self.squeeze(x))
        return torch.cat([F.relu(self.expand1x1(x)), F.relu(self.expand3x3(x))], 1)


class SqueezeNet(nn.Module):
    """SqueezeNet 1.0 and 1.1."""

    def __init__(self, version: str, classes: int = 10) -> None:
        super().__init__()
        filters, size, pooled = (96, 7, (2, 5, 9)) if version == "1.0" else (64, 3, (2, 4, 6))
        parts: list[Any] = [nn.Conv2d(3, filters, size, 2), nn.ReLU()]
        for k, squeezed in enumerate((16, 16, 32, 32, 48, 48, 64, 64), 2):
            if k in pooled:
                parts.append(nn.MaxPool2d(3, 2, ceil_mode=True))
            parts.append(Fire(filters, squeezed))
            filters = 8 * squeezed
        self.features = nn.Sequential(*parts)
        self.classifier = nn.Sequential(nn.Dropout(), nn.Conv2d(512, classes, 1), nn.ReLU())

    def forward(self, x: Any) -> Any:
        return self.classifier(self.features(x)).mean((2, 3))


def unit(before: int, filters: int, size: int, stride: int = 1, groups: int = 1, act: Any = None, dilation: int = 1,
    **normalisation: float) -> Any:  # fmt: skip
    """Return convolution, normalisation and, perhaps, activation."""
    parts = [
        nn.Conv2d(before, filters, size, stride, dilation * (size - 1) // 2, dilation, groups, bias=False),
        nn.BatchNorm2d(filters, **normalisation),
    ]
    return nn.Sequential(*parts, *([] if act is None else [act()]))


class InvertedV2(nn.Module):
    """MobileNetV2's block."""

    def __init__(self, before: int, filters: int, stride: int, expansion: int) -> None:
        super().__init__()
        within = before * expansion
        parts: list[Any] = [] if expansion == 1 else [unit(before, within, 1, act=nn.ReLU6)]
        parts.append(unit(within, within, 3, stride, within, nn.ReLU6))
        self.conv = nn.Sequential(*parts, nn.Conv2d(within, filters, 1, bias=False), nn.BatchNorm2d(filters))
        self.adds = stride == 1 and before == filters

    def forward(self, x: Any) -> Any:
        return x + self.conv(x) if self.adds else self.conv(x)


class MobileNetV2(nn.Module):
    """MobileNetV2 of width 1."""

    def __init__(self, classes: int = 10) -> None:
        super().__init__()
        parts, before = [unit(3, 32, 3, 2, act=nn.ReLU6)], 32
        for expansion, filters, count, first in (
            (1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1), (6, 160, 3, 2), (6, 320, 1, 1),
        ):  # fmt: skip
            for k in range(count):
                parts.append(InvertedV2(before, filters, first if k == 0 else 1, expansion))
                before = filters
        self.features = nn.Sequential(*parts, unit(320, 1280, 1, act=nn.ReLU6))
        self.classifier = nn.Sequential(nn.Dropout(0.2), nn.Linear(1280, classes))

    def forward(self, x: Any) -> Any:
        return self.classifier(self.features(x).mean((2, 3)))


class SqueezeExcite(nn.Module):
    """MobileNetV3's weighing of channels."""

    def __init__(self, channels: int, squeezed: int) -> None:
        super().__init__()
        self.fc1, self.fc2 = nn.Conv2d(channels, squeezed, 1), nn.Conv2d(squeezed, channels, 1)

    def forward(self, x: Any) -> Any:
        return x * F.hardsigmoid(self.fc2(F.relu(self.fc1(x.mean((2, 3), keepdim=True)))))


class InvertedV3(nn.Module):
    """MobileNetV3's block; a squeezed width of 0 weighs no channels."""

    def __init__(self, before: int, size: int, within: int, filters: int, squeezed: int, act: Any, stride: int,
        dilation: int = 1) -> None:  # fmt: skip
        super().__init__()
        style = {"eps": 1e-3, "momentum": 0.01}
        parts: list[Any] = [] if within == before else [unit(before, within, 1, act=act, **style)]
        step = 1 if dilation > 1 else stride
        parts.append(unit(within, within, size, step, within, act, dilation, **style))
        if squeezed:
            parts.append(SqueezeExcite(within, squeezed))
        self.block = nn.Sequential(*parts, unit(within, filters, 1, **style))
        self.adds = stride == 1 and before == filters

    def forward(self, x: Any) -> Any:
        return x + self.block(x) if self.adds else self.block(x)


R, H = nn.ReLU, nn.Hardswish
LARGE = (
    (3, 16, 16, 0, R, 1), (3, 64, 24, 0, R, 2), (3, 72, 24, 0, R, 1), (5, 72, 40, 24, R, 2), (5, 120, 40, 32, R, 1),
    (5, 120, 40, 32, R, 1), (3, 240, 80, 0, H, 2), (3, 200, 80, 0, H, 1), (3, 184, 80, 0, H, 1), (3, 184, 80, 0, H, 1),
    (3, 480, 112, 120, H, 1), (3, 672, 112, 168, H, 1), (5, 672, 160, 168, H, 2), (5, 960, 160, 240, H, 1),
    (5, 960, 160, 240, H, 1),
)  # fmt: skip
SMALL = (
    (3, 16, 16, 8, R, 2), (3, 72, 24, 0, R, 2), (3, 88, 24, 0, R, 1), (5, 96, 40, 24, H, 2), (5, 240, 40, 64, H, 1),
    (5, 240, 40, 64, H, 1), (5, 120, 48, 32, H, 1), (5, 144, 48, 40, H, 1), (5, 288, 96, 72, H, 2),
    (5, 576, 96, 144, H, 1), (5, 576, 96, 144, H, 1),
)  # fmt: skip


class MobileNetV3(nn.Module):
    """MobileNetV3, Small or Large."""

    def __init__(self, blocks: Sequence[Any], width: int, classes: int = 10, dilated: bool = False) -> None:
        super().__init__()
        style = {"eps": 1e-3, "momentum": 0.01}
        parts, before = [unit(3, 16, 3, 2, act=H, **style)], 16
        last = max(k for k, block in enumerate(blocks) if block[-1] == 2)
        for k, (size, within, filters, squeezed, act, stride) in enumerate(blocks):
            dilation = 2 if dilated and k >= last else 1
            parts.append(InvertedV3(before, size, within, filters, squeezed, act, stride, dilation))
            before = filters
        self.features = nn.Sequential(*parts, unit(before, 6 * before, 1, act=H, **style))
        self.classifier = nn.Sequential(nn.Linear(6 * before, width), H(), nn.Dropout(0.2), nn.Linear(width, classes))

    def forward(self, x: Any) -> Any:
        return self.classifier(self.features(x).mean((2, 3)))


class SameConv(nn.Conv2d):
    """Padded as TensorFlow pads."""

    def forward(self, x: Any) -> Any:
        pads: list[int] = []
        for n, k, s in zip(x.shape[:1:-1], self.kernel_size[::-1], self.stride[::-1], strict=True):
            total = max((-(-n // s) - 1) * s + k - n, 0)
            pads += [total // 2, total - total // 2]
        return F.conv2d(F.pad(x, pads), self.weight, None, self.stride, 0, 1, self.groups)


class LiteBlock(nn.Module):
    """EfficientNet-Lite's block."""

    def __init__(self, before: int, filters: int, size: int, stride: int, expansion: int) -> None:
        super().__init__()
        within = before * expansion
        if expansion != 1:
            self._expand_conv, self._bn0 = SameConv(before, within, 1, bias=False), nn.BatchNorm2d(within, 1e-3)
        self._depthwise_conv = SameConv(within, within, size, stride, groups=within, bias=False)
        self._bn1, self._bn2 = nn.BatchNorm2d(within, 1e-3), nn.BatchNorm2d(filters, 1e-3)
        self._project_conv = SameConv(within, filters, 1, bias=False)
        self.expands, self.adds = expansion != 1, stride == 1 and before == filters

    def forward(self, x: Any) -> Any:
        y = F.relu6(self._bn0(self._expand_conv(x))) if self.expands else x
        y = self._bn2(self._project_conv(F.relu6(self._bn1(self._depthwise_conv(y)))))
        return x + y if self.adds else y


class EfficientNetLite(nn.Module):
    """EfficientNet-Lite with channels and numbers of blocks as they are given."""

    def __init__(self, filters: Sequence[int], counts: Sequence[int], classes: int = 10) -> None:
        super().__init__()
        self._conv_stem, self._bn0 = SameConv(3, 32, 3, 2, bias=False), nn.BatchNorm2d(32, 1e-3)
        blocks, before = [], 32
        for (size, expansion, first), width, count in zip(
            ((3, 1, 1), (3, 6, 2), (5, 6, 2), (3, 6, 2), (5, 6, 1), (5, 6, 2), (3, 6, 1)), filters, counts, strict=True
        ):
            for k in range(count):
                blocks.append(LiteBlock(before, width, size, first if k == 0 else 1, expansion))
                before = width
        self._blocks = nn.ModuleList(blocks)
        self._conv_head, self._bn1 = SameConv(before, 1280, 1, bias=False), nn.BatchNorm2d(1280, 1e-3)
        self._fc = nn.Linear(1280, classes)

    def forward(self, x: Any) -> Any:
        x = F.relu6(self._bn0(self._conv_stem(x)))
        for block in self._blocks:
            x = block(x)
        return self._fc(F.relu6(self._bn1(self._conv_head(x))).mean((2, 3)))


def randomised(network: Any, seed: int = 0) -> Any:
    """Give a network random weights, random statistics included, that keep the numbers of all stages near 1."""
    generator = torch.Generator().manual_seed(seed)

    def normal(like: Any) -> Any:
        return torch.randn(like.shape, generator=generator)

    for module in network.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.weight.data = 0.9 + 0.1 * normal(module.weight)
            module.bias.data = 0.2 * normal(module.bias)
            module.running_mean = 0.2 * normal(module.running_mean)
            module.running_var = 0.7 + 0.2 * normal(module.running_var).abs()
        elif isinstance(module, (nn.Conv2d, nn.Linear)):
            fan = module.weight[0].numel()
            module.weight.data = normal(module.weight) * (1.6 / fan) ** 0.5
            if module.bias is not None:
                module.bias.data = 0.1 * normal(module.bias)
    return network


def outputs_of(network: Any, x: Any, names: Sequence[str]) -> tuple[Any, OrderedDict[str, Any]]:
    """Return the output and the result of each named module."""
    found: OrderedDict[str, Any] = OrderedDict()
    modules = dict(network.named_modules())

    def note(name: str) -> Any:
        def hook(module: Any, x: Any, y: Any) -> None:  # what a hook returns would take the result's place
            found[name] = y.detach().clone()

        return hook

    handles = [modules[name].register_forward_hook(note(name)) for name in names]
    y = network(x)
    for handle in handles:
        handle.remove()
    return y, found


class LRASPP(nn.Module):
    """torchvision's lraspp on MobileNetV3."""

    def __init__(self, blocks: Sequence[Any], classes: int) -> None:
        super().__init__()
        self.backbone = MobileNetV3(blocks, 8, dilated=True).features
        strided = [k for k, block in enumerate(blocks, 1) if block[-1] == 2]
        last = self.backbone[-1][0].out_channels
        # The first result of stride 8: the third stride, counted with that of the first convolution.
        self.low_position = strided[1]
        low = blocks[self.low_position - 1][2]
        self.classifier = nn.ModuleDict({
            "cbr": nn.Sequential(nn.Conv2d(last, 128, 1, bias=False), nn.BatchNorm2d(128), nn.ReLU()),
            "scale": nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Conv2d(last, 128, 1, bias=False), nn.Sigmoid()),
            "low_classifier": nn.Conv2d(low, classes, 1),
            "high_classifier": nn.Conv2d(128, classes, 1),
        })  # fmt: skip

    def forward(self, x: Any) -> Any:
        size, low = x.shape[-2:], None
        for k, part in enumerate(self.backbone):
            x = part(x)
            low = x if k == self.low_position else low
        head = self.classifier
        y = F.interpolate(head["cbr"](x) * head["scale"](x), size=low.shape[-2:], mode="bilinear", align_corners=False)
        y = head["low_classifier"](low) + head["high_classifier"](y)
        return F.interpolate(y, size=size, mode="bilinear", align_corners=False)
