"""What keeps a machine from using its GPU, and the command that mends it.

`diagnose_gpu()` gives records, which `tinyseg doctor` prints: the facts (`machine`), gathered once and judged by nobody
there, and findings (`rules`), each with the one command that mends it (`commands`).
"""

from __future__ import annotations

from .machine import Gpu, Machine, Trial
from .report import EmulatorReport, GpuReport, diagnose_emulator, diagnose_gpu
from .rules import Fault, Finding, diagnose

__all__ = [
    "EmulatorReport",
    "Fault",
    "Finding",
    "Gpu",
    "GpuReport",
    "Machine",
    "Trial",
    "diagnose",
    "diagnose_emulator",
    "diagnose_gpu",
]
