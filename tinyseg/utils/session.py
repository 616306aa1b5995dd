"""A fresh start within a process."""

from __future__ import annotations

import gc
import sys

from .arguments import checks_arguments
from .naming import reset_names


@checks_arguments("utils.clear_session")
def clear_session(free_memory: bool = True) -> None:
    """Start the automatic names of layers again at 'conv2d', 'dense', ..., and give back spare memory.

    The memory is what lies ready for results; it goes back to the system.

    Memory of results is used again from step to step. What has not been needed for a while goes back by itself; call
    this where it should go at once, such as after a large model was deleted (`del model`). Models and arrays that are
    still in use stay as they are, and nothing is slower afterwards but the next step.

    Args:
        free_memory: False leaves the memory alone, as well as objects that only refer to each other, and starts the
            names again only.

    Example:
        >>> from tinyseg.layers import Dense
        >>> from tinyseg.utils import clear_session
        >>> clear_session()
        >>> Dense(1).name
        'dense'
    """
    reset_names()
    if not free_memory:
        return
    from tinyseg_kernels.cpu.memory import buffers

    gc.collect()
    buffers.release()
    gpu_pool = getattr(
        sys.modules.get("cupy"), "get_default_memory_pool", None
    )  # not loaded: nothing lies ready on a GPU
    if gpu_pool is not None:
        gpu_pool().free_all_blocks()
