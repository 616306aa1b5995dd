"""Tests of `tinyseg.cli`."""
