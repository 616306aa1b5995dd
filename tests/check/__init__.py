"""Tests of `tinyseg.check`."""
