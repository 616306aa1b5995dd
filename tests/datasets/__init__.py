"""Tests of `tinyseg.datasets`, and data for the tests of what is above it."""
