"""Runs a learner's file in a process of its own: limits, rules, and functions that the diagnosis calls from here."""
