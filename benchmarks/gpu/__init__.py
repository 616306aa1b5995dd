"""Everything that only a GPU can answer, with one command: `python -m benchmarks.gpu`.

- run.py: the command: tests, roofline, rows, record
- suite.py: runs the tests of the kernels on the GPU
- clock.py: times functions of two libraries in turn
- roofline.py: what the chip can do, measured: copy bandwidth and GEMM rate
- case.py, precision.py: what a case is: inputs, this library's side, PyTorch's side
- convolutions.py, images.py, pointwise.py, products.py, optimizers.py: the cases, one subject each
- networks.py: whole training steps
- measuring.py: from a case to a row: check, then time
- rows.py: a measured row, the requirements, and whether they are met
- report.py, picture.py: Markdown, JSON and a picture
"""
