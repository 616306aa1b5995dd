"""How large a run is before it begins: parameters, and the memory that training takes."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path

from tinyseg_kernels.backend import on_gpu
from tinyseg_kernels.errors import InvalidInput

from tinyseg.applications import level_widths

from .encoded import numbers_of
from .settings import Settings

PER_PARAMETER = 16
"""Bytes: the number, its gradient, and two sums of Adam, in float32."""
MUCH = 4 << 30
KEPT = 10
"""Arrays of a level's width that a step has at once, from measured peaks.

What backward needs of each layer, and gradients.
"""

KEPT_OF_RESULTS = 1
"""Arrays for each result of a layer: what is computed together with the layer before it leaves room for gradients."""


def parameters(settings: Settings, channels: int, classes: int) -> int:
    """Return the parameters of `build_model(settings, channels, classes)`, without building it."""
    if settings.encoder is not None:
        return numbers_of(settings, classes, (settings.multiple_of,) * 2)[0]
    widths = level_widths("width", settings.width, settings.levels)
    count = sum(_block(below, above) for below, above in zip([channels, *widths], widths, strict=False))
    last = widths[-1]
    if settings.model == "unet":
        for width, below in zip(widths[-2::-1], widths[:0:-1], strict=True):
            if settings.decoder == "paper":
                count += 4 * below * width + width + _block(2 * width, width)
                last = width
            else:
                filters = min(max(2 * width, 16), 32)
                count += last * filters + width * filters + 4 * filters
                last = filters
    return count + last * classes + classes


def step_bytes(settings: Settings, channels: int, classes: int, batch: int, size: Sequence[int]) -> int:
    """Return about how many bytes training takes at its peak, for images of a height and width."""
    height, width = (-(-n // settings.multiple_of) * settings.multiple_of for n in size)
    if settings.encoder is not None:
        weights, results = numbers_of(settings, classes, (height, width))
        return PER_PARAMETER * weights + 4 * batch * KEPT_OF_RESULTS * results
    widths = level_widths("width", settings.width, settings.levels)
    numbers = sum(KEPT * channels_of / 4**level for level, channels_of in enumerate(widths)) + 3 * classes + channels
    return int(PER_PARAMETER * parameters(settings, channels, classes) + 4 * batch * height * width * numbers)


def refuse_what_does_not_fit(
    settings: Settings,
    channels: int,
    classes: int,
    batch: int,
    size: Sequence[int],
    say: Callable[[str], None] = print,
    limit: int | None = None,
) -> None:
    """Raise InvalidInput when training would take more memory than the machine has; say when it takes much.

    A GPU's memory is not known.
    """
    limit = memory_limit() if limit is None else limit
    needed = step_bytes(settings, channels, classes, batch, size)
    count = parameters(settings, channels, classes)
    widths = level_widths("width", settings.width, settings.levels)
    cure = "--depth or --width" if PER_PARAMETER * count > needed / 2 else "--batch-size, --crop or --width"
    text = (
        f"{settings.model} of depth {settings.levels} with {', '.join(map(str, widths))} channels has {count:,} "
        f"parameters; training it with {batch} images of {size[0]} x {size[1]} a step takes about "
        f"{needed / 2**30:,.1f} GiB of memory"
    )
    if limit is not None and needed > limit and not on_gpu():
        raise InvalidInput(f"{text}, this machine has {limit / 2**30:,.1f} GiB; use a smaller {cure}")
    if needed > MUCH:
        say(f"{text}; a smaller {cure} takes less")


def memory_limit() -> int | None:
    """Return the bytes that this process can have at most; None where nobody says.

    The machine's, its container's, or its own limit.
    """
    found = []
    if hasattr(os, "sysconf") and {"SC_PAGE_SIZE", "SC_PHYS_PAGES"} <= os.sysconf_names.keys():
        found.append(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"))
    for path in ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"):
        try:
            text = Path(path).read_text("ascii").strip()
        except (OSError, ValueError):
            continue
        if text.isdigit():
            found.append(int(text))
    try:
        import resource
    except ImportError:  # Windows
        pass
    else:
        soft = resource.getrlimit(resource.RLIMIT_AS)[0]
        if soft != resource.RLIM_INFINITY:
            found.append(soft)
    return min((size for size in found if size > 0), default=None)


def _block(before: int, after: int) -> int:
    """Two 3x3 convolutions without bias, each with a batch normalisation of four numbers a channel."""
    return 9 * before * after + 9 * after * after + 8 * after
