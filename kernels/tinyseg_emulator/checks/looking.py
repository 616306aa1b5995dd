"""What is looked at, and what was seen, as JSON: for launches that run in another process."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from .focus import Focus
from .options import Options
from .trace import BlockTrace, LaunchTrace, Trace, TracedArray


def settings_of(options: Options) -> dict[str, Any]:
    """Return the options `trace`, `focus` and `roofline` as dictionaries."""
    trace, focus = options.trace, options.focus
    return {
        "trace": None if trace is None else {"block": trace.block, "limit": trace.limit},
        "focus": None if focus is None else asdict(focus),
        "roofline": options.roofline,
    }


def options_of(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return the arguments of an `emulation(...)` that looks as another process asks; `trace` is a new one."""
    trace, focus = settings["trace"], settings["focus"]
    return {
        "trace": None if trace is None else Trace(trace["block"] and _three(trace["block"]), trace["limit"]),
        "focus": None if focus is None else Focus(_three(focus["thread"]), _three(focus["block"])),
        "roofline": bool(settings["roofline"]),
    }


def launch_of(record: Mapping[str, Any]) -> LaunchTrace:
    """Return the launch that `dataclasses.asdict` and JSON have made a dictionary of."""
    arrays = [TracedArray(a["name"], a["memory"], tuple(a["shape"]), a["itemsize"]) for a in record["arrays"]]
    blocks = [BlockTrace(**{**block, "index": _three(block["index"])}) for block in record["blocks"]]
    sites = [(place, what) for place, what in record["sites"]]
    return LaunchTrace(record["kernel"], _three(record["grid"]), _three(record["block"]), sites, arrays, blocks)


def _three(values: Any) -> tuple[int, int, int]:
    x, y, z = values
    return x, y, z
