"""The roofline of a launch: bytes and operations that a checked run counts, against what GPUs can do at most.

work.py       what a launch does: operations by type, sectors, buffers
gpus.py       peaks of named GPUs, with their sources
estimate.py   the time at the roof, and what decides it
text.py       the same as lines of a report
plot.py       the same as a picture

Williams, Waterman, Patterson (2009), "Roofline: an insightful visual performance model", CACM 52(4).
"""

from .estimate import Roof, roof
from .gpus import GPUS, Gpu
from .work import KINDS, Buffer, Work

__all__ = ["GPUS", "KINDS", "Buffer", "Gpu", "Roof", "Work", "roof"]
