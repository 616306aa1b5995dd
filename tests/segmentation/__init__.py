"""Tests of `tinyseg.segmentation`."""
