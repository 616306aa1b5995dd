"""Keras and tinyseg side by side, over many configurations that a generator draws."""
