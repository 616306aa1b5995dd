"""Keras's regularizers are absent: every name of them says what to use instead."""

from __future__ import annotations

from tinyseg.utils.absent import teller

__getattr__ = teller("regularizers", ())
