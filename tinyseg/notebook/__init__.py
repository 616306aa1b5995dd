"""Cells of a notebook that run GPU kernels on the CPU: `%load_ext tinyseg.notebook`.

    %%racecheck     kernels in CUDA C++ or Numba, launched as their comments say, or a whole program
    %%cuda          a whole program: its output, and below it what the checks found

    magics.py    the two cell magics and their options
    running.py   a cell as a file that is checked
    view.py      the report as HTML and as text

IPython is needed only here: `pip install 'tinyseg[notebook]'`.
"""

from __future__ import annotations

from typing import Any


def load_ipython_extension(shell: Any) -> None:
    """Register the magics; IPython calls this for `%load_ext tinyseg.notebook`."""
    from .magics import KernelMagics

    shell.register_magics(KernelMagics)
