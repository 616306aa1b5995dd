"""`python -m benchmarks.cpu`."""

import sys

from .run import main

sys.exit(main())
