"""`python -m benchmarks.gpu`."""

import sys

from .run import main

sys.exit(main())
