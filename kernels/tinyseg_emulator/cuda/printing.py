"""What kernels of CUDA C++ print, and what their failed assertions say: runtime/print.cpp has the rules."""

from __future__ import annotations

import ctypes
import sys

from ..checks.options import Options
from .native import Index, runtime


def begin_printing(options: Options) -> None:
    """Tell the runtime which thread prints, before a launch."""
    focus = options.focus
    if focus is None:
        runtime().tinyseg_print_from(0, Index(), Index())
    else:
        runtime().tinyseg_print_from(1, Index(*focus.block), Index(*focus.thread))


def show_printed(options: Options) -> None:
    """Write what the last launch printed to `sys.stdout`, as a host does when it synchronises.

    That assertions failed, and that texts were lost since the buffer was full, is said on `sys.stderr`.
    """
    size, lost = ctypes.c_size_t(), ctypes.c_uint64()
    functions = runtime()
    functions.tinyseg_take_printed.restype = functions.tinyseg_take_asserted.restype = ctypes.c_void_p
    text = ctypes.string_at(functions.tinyseg_take_printed(ctypes.byref(size), ctypes.byref(lost)), size.value)
    asserted = ctypes.string_at(functions.tinyseg_take_asserted(ctypes.byref(size)), size.value)
    if not options.output:
        return
    if text:
        sys.stdout.write(text.decode("utf-8", "replace"))
        sys.stdout.flush()
    if lost.value:
        sys.stderr.write(f"printf: the buffer was full, so the first {lost.value} texts are lost\n")
    if asserted:
        sys.stderr.write(asserted.decode("utf-8", "replace"))
