"""One run from begin to end, for all tests that only look at it."""

from tests.runs.conftest import finished

__all__ = ["finished"]
