"""The backends that these tests run on."""

from __future__ import annotations

from tests.utils.backends import compiled_backend

__all__ = ["compiled_backend"]
