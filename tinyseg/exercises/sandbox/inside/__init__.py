"""What runs in the process of a learner's code.

These files are loaded by their paths, by a Python that does not see this package: they use NumPy and the standard
library alone, and none of them imports another.
"""
