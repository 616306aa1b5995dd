"""What a test may not leave behind: settings of the process that would change the results of the tests after it."""

from __future__ import annotations

import os
import sys
from typing import Any

import numpy as np

SETTINGS = {
    "tinyseg_kernels.cpu.threading.threads": "_chosen",
    "tinyseg_kernels.backend": "_default",
    "tinyseg_kernels.precision": "_default",
    "tinyseg.utils.dtypes": "_floatx",
}
"""Module -> the name of what was set. Modules that are not loaded have nothing set."""


def process_state() -> dict[str, Any]:
    """Return the settings, the environment, the processors and the folder of this process."""
    state: dict[str, Any] = {
        module: getattr(sys.modules[module], name) for module, name in SETTINGS.items() if module in sys.modules
    }
    if buffers := sys.modules.get("tinyseg_kernels.cpu.memory.buffers"):
        state["poisoned memory"] = buffers._POOL.poison
    if hasattr(os, "sched_getaffinity"):
        state["affinity"] = os.sched_getaffinity(0)
    environment = {f"${name}": text for name, text in os.environ.items() if name != "PYTEST_CURRENT_TEST"}
    return state | environment | {"folder": os.getcwd(), "errors of NumPy": np.geterr()}


def changes(before: dict[str, Any], after: dict[str, Any]) -> dict[str, tuple[Any, Any]]:
    """Return what is another than before.

    What was decided for the first time in between (None, or its module was not loaded) is not a change, and libraries
    set variables of their own when they are imported.
    """
    names = {*before, *(name for name in after if name.startswith("$TINYSEG"))}
    found = {name: (before.get(name), after.get(name)) for name in names}
    return {
        name: pair for name, pair in found.items() if pair[0] != pair[1] and (pair[0] is not None or name[0] == "$")
    }
