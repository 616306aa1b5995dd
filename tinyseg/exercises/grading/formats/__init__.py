"""What platforms take: one file for each format, each a function from a grade to a text."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from ..grade import Grade
from .classroom50 import classroom50
from .csv import csv
from .gradescope import gradescope
from .json import json
from .junit import junit
from .prairielearn import prairielearn

FORMATS: Mapping[str, tuple[str, Callable[[Grade], str]]] = {
    "gradescope": ("results.json", gradescope),
    "prairielearn": ("results.json", prairielearn),
    "classroom50": ("result.json", classroom50),
    "junit": ("junit.xml", junit),
    "csv": ("grade.csv", csv),
    "json": ("grade.json", json),
}
"""Name of the file that the platform looks for, and what writes it."""

__all__ = ["FORMATS"]
