"""The cell magics `%%racecheck` and `%%cuda`."""

from __future__ import annotations

import argparse
import shlex
from typing import Any, NoReturn

from IPython.core.error import UsageError
from IPython.core.magic import Magics, cell_magic, magics_class
from tinyseg_kernels.errors import InvalidInput

from .running import Wishes, check_cell
from .view import Report


class _Parser(argparse.ArgumentParser):
    """Says what is wrong as IPython does, and does not end the process."""

    def error(self, message: str) -> NoReturn:
        """Tell of a wrong option."""
        raise UsageError(f"%%{self.prog}: {message}\n{self.format_usage()}")

    def exit(self, status: int = 0, message: str | None = None) -> NoReturn:  # of --help, which has been printed
        """End the reading of options."""
        raise _Told


class _Told(Exception):
    """The help was asked for and has been shown."""


def _parser(name: str) -> _Parser:
    parser = _Parser(name, description=f"%%{name}: run the cell's GPU code on the CPU, under all checks.")
    if name == "racecheck":
        parser.add_argument("kernel", nargs="?", help="the one kernel to check; else all that launch comments name")
        parser.add_argument("--order", action="append", help="order of threads: up, down or rotated:<seed>")
        parser.add_argument("--seed", type=int, default=0, help="of random arguments")
    parser.add_argument("-D", "--define", action="append", metavar="NAME=VALUE", help="CUDA C++: define a macro")
    parser.add_argument("-I", "--include", action="append", metavar="FOLDER", help="CUDA C++: a folder of headers")
    parser.add_argument("-std", "--std", default="", metavar="c++20", help="CUDA C++: the standard")
    parser.add_argument("--resources", action="store_true", help="CUDA C++: registers, spills, occupancy (NVRTC)")
    parser.add_argument("--roofline", action="store_true", help="operations, bytes, and the time at the roof of GPUs")
    parser.add_argument("--trace", action="store_true", help="show what the threads of a block did")
    parser.add_argument("--trace-block", metavar="X,Y,Z", help="the block of the trace")
    parser.add_argument("--thread", metavar="X,Y,Z", help="only this thread prints and stops at breakpoint()")
    parser.add_argument("--block", metavar="X,Y,Z", help="its block")
    parser.add_argument("--seconds", type=float, default=120.0, help="the longest that a program may run")
    return parser


def _wishes(name: str, line: str) -> Wishes:
    words = shlex.split(line)
    cut = words.index("--") if "--" in words else len(words)
    given = _parser(name).parse_args(words[:cut])
    return Wishes(
        kernel=getattr(given, "kernel", None),
        orders=tuple(getattr(given, "order", None) or ()),
        seed=getattr(given, "seed", 0),
        defines=dict(macro.partition("=")[::2] if "=" in macro else (macro, "1") for macro in given.define or ()),
        include=tuple(given.include or ()),
        std=given.std,
        resources=given.resources,
        roofline=given.roofline,
        trace=given.trace,
        trace_block=given.trace_block,
        thread=given.thread,
        block=given.block,
        seconds=given.seconds,
        arguments=tuple(words[cut + 1 :]),
    )


@magics_class
class KernelMagics(Magics):
    """Cells that run GPU code on the CPU."""

    @cell_magic
    def racecheck(self, line: str, cell: str) -> Report | None:
        """Check the kernels of a cell: CUDA C++, or Numba. `%%racecheck --help` lists the options."""
        return self._run("racecheck", line, cell)

    @cell_magic
    def cuda(self, line: str, cell: str) -> Report | None:
        """Run a whole CUDA program, with its arguments behind `--`, and say what the checks found."""
        return self._run("cuda", line, cell)

    def _run(self, name: str, line: str, cell: str) -> Any:
        try:
            return check_cell(cell, _wishes(name, line), program=name == "cuda")
        except _Told:
            return None
        except InvalidInput as error:
            raise UsageError(f"%%{name}: {error}") from None
