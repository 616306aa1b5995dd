"""Tests of the arithmetic: every operation, on every CPU rung."""
