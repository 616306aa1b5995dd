"""Classroom 50: CLASSROOM/autograders/ASSIGNMENT/autograder.py, with assignment.toml and the wheel beside it.

The runner starts it in the student's checkout and reads ./result.json. It ends with 0 whenever it has written one.
"""

import os
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
os.environ.setdefault("TINYSEG_GRADE_SEED", "4711 90210")  # choose your own

wheel = next(HERE.glob("tinyseg-*.whl"))
subprocess.run([sys.executable, "-m", "pip", "install", "--quiet", "--user", str(wheel)], check=True)
command = ["--assignment", str(HERE / "assignment.toml"), "--format", "classroom50", "--out", "result.json"]
subprocess.run([sys.executable, "-m", "tinyseg", "grade", ".", *command], check=True)
