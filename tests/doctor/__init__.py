"""Tests of `tinyseg.doctor`."""
