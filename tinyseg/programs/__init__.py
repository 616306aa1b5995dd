"""Whole CUDA programs under check: `main` runs in a process of its own, with limits.

limits.py    what a program may use
process.py   the process: started, watched, its output passed on, ended
worker.py    what runs in it
checking.py  compiles a program, runs it, and returns the report

How they are compiled and run is in `tinyseg_emulator.cuda.program`.
"""

from .checking import ProgramReport, check_program
from .limits import ProgramLimits

__all__ = ["ProgramLimits", "ProgramReport", "check_program"]
