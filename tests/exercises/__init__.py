"""Tests of the classroom's exercises."""
