"""Tests of `tinyseg.applications`."""
