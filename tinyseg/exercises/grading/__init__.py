"""Grading: submissions in, points and platforms' files out."""
