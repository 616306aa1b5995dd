"""Tests of `tinyseg.visualization`."""
