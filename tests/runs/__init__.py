"""Tests of `tinyseg.runs`."""
