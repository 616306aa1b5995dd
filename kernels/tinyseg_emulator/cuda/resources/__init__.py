"""What a kernel takes of a real GPU, without one: NVRTC compiles it, and the block of its launch decides the occupancy.

occupancy.py   how many blocks fit on a multiprocessor, and what limits them
device_part.py the device part of a whole program
measure.py     registers, shared memory, stack and spills of the launched kernels
table.py       the same as text
"""

from .device_part import device_part
from .measure import KernelUse, Launched, measure
from .table import table

__all__ = ["KernelUse", "Launched", "device_part", "measure", "table"]
