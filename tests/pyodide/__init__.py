"""Tests in Pyodide, Python in WebAssembly: what a browser tab computes, here under Node and without a network.

`python -m tests.pyodide` runs all tests with the mark `pyodide` there (`tests/support/markers.py`); more arguments go
to pytest.
"""
