"""Runs that are killed, disks that fill up, and results that must be the same twice."""
