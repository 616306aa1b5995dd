#!/usr/bin/env bash
# Runs once, when Gradescope builds the image. Put the wheel beside this file: python -m pip wheel --no-deps .
set -euo pipefail
apt-get update
apt-get install --yes --no-install-recommends python3 python3-venv
python3 -m venv /opt/tinyseg
/opt/tinyseg/bin/pip install /autograder/source/tinyseg-*.whl
# Exercises on GPU kernels need a compiler and the simulator; leave this out when there are none in the assignment.
# apt-get install --yes --no-install-recommends g++ && /opt/tinyseg/bin/pip install 'tinyseg[emulator]'
