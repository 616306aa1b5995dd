"""What the benchmarks of the CPU and of the GPU share.

- arrays.py: inputs, and layouts here and in PyTorch
- records.py: the date and the versions that figures depend on
- statistics.py: ratios and their spread
- torch_networks.py: the networks in PyTorch
"""
