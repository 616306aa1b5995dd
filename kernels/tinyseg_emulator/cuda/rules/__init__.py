"""What nvcc refuses in a CUDA file is refused here too, in words that name the rule.

The emulator compiles a file as C++ for the CPU, where host and device are one, so the compiler cannot see a mistake
such as a kernel that reads a variable of the host. Here clang's library (the package libclang) reads the file as CUDA,
with the attributes of host and device in force, and its tree is searched for what nvcc forbids and clang allows.

    refusal.py       one broken rule, as text for a student
    clang_parse.py   a file as clang's tree
    headers.py       which files are the student's, which stand in for CUDA's
    complaints.py    clang's own complaints, as rules
    walk.py          the tree's functions, and on which side of the machine each runs
    variables.py     rules about variables: constant tables, shared memory, the host's look at the device's
    functions.py     rules about functions, kernels and lambdas
    names.py         what the C and C++ libraries have on a GPU, and what CUDA's has on the host
    tokens.py        the commonest rules without clang
    check.py         all of them, for one file

Source of the rules: CUDA C++ Programming Guide 13, chapter "C++ language support"; each is held against nvcc by
`python -m tests.emulator.rules.against_nvcc`.
"""

from .check import Verdict, check_rules, refuse, rules_kept
from .refusal import Refusal

__all__ = ["Refusal", "Verdict", "check_rules", "refuse", "rules_kept"]
