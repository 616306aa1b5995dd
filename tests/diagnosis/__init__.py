"""Tests of `tinyseg.diagnosis`."""
