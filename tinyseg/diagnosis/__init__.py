"""The diagnosis of a wrong forward or backward."""

from __future__ import annotations

from .diagnose import contract, diagnose
from .operations.all import OPERATIONS
from .result import Diagnosis, DiagnosisError

__all__ = ["OPERATIONS", "Diagnosis", "DiagnosisError", "contract", "diagnose"]
