"""Answers that try something else than to be right: no points, and the reason; or nothing gained, and no harm done.

All of them compute relu rightly as well, so that points are lost by nothing but the rule that is broken.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from tinyseg.exercises import Outcome, exercise
from tinyseg.exercises.checking import check_source
from tinyseg.exercises.sandbox.limits import MIB, Limits

LIMITS = Limits(call=3.0, check=30.0, memory=512 * MIB)
RIGHT = """
import numpy as np
def relu_forward(x):
    {inside}
    return np.maximum(x, 0), x > 0
def relu_backward(dy, positive):
    return np.where(positive, dy, 0).astype(dy.dtype)
"""
REACH = "import typing\nsys = typing.sys\nM = sys.modules\n"
"""Every module that is loaded can be reached without an import of it."""


def checked(outside: str = "", inside: str = "pass", limits: Limits = LIMITS) -> Outcome:
    """Check relu with a text before it, and one in its forward."""
    return check_source(exercise("relu"), outside + RIGHT.format(inside=inside.replace("\n", "\n    ")), limits=limits)


def test_the_answer_that_the_cheats_are_built_on_is_right() -> None:
    outcome = checked()
    assert outcome.passed
    assert outcome.points == 10
    assert not outcome.refused


SEEN_IN_THE_TEXT = {
    "import torch": "line 1: imports torch: only numpy, and of Python itself",
    "import tinyseg": "imports tinyseg",
    "from scipy.signal import convolve2d": "imports scipy.signal",
    "try:\n    import numba\nexcept ImportError:\n    pass": "line 2: imports numba",
    "def f():\n    import jax": "line 2: imports jax",
    "import importlib": "imports importlib",
    "import os.path": "imports os.path",
    "import numpy.ctypeslib": "imports numpy.ctypeslib",
    "from numpy import f2py": "imports numpy.f2py",
    "import numpy._core._internal": "imports numpy._core",
    "from . import solution": "imports .",
    "import pickle": "imports pickle",
    "import gc": "imports gc",
    "import threading": "imports threading",
    "open('solution.py')": "line 1: uses open",
    "eval('1')": "uses eval",
    "x = exec": "uses exec",
    "compile('1', 'f', 'eval')": "uses compile",
    "__import__('torch')": "uses __import__",
    "globals()": "uses globals",
    "__builtins__": "uses __builtins__",
    "breakpoint()": "uses breakpoint",
    "().__class__.__base__.__subclasses__()": "(__subclasses__)",
    "def f(): pass\nf.__globals__": "line 2: looks into frames or code objects (__globals__)",
    "try:\n    1 / 0\nexcept ZeroDivisionError as e:\n    e.__traceback__.tb_frame.f_back": "(f_back)",
}


@pytest.mark.parametrize("text", SEEN_IN_THE_TEXT)
def test_what_the_text_shows_is_refused_before_anything_runs(text: str) -> None:
    outcome = checked(text + "\n")
    assert SEEN_IN_THE_TEXT[text] in outcome.refused
    assert outcome.points == 0
    assert not outcome.passed
    assert outcome.seconds < 1


SEEN_WHEN_IT_RUNS = {
    # other libraries, and tinyseg itself
    "M['importlib'].import_module('tinyseg')": "line 4: imports tinyseg",
    "getattr(M['builtins'], '__imp' + 'ort__')('torch')": "imports torch",
    "M['importlib'].import_module('subprocess')": "imports subprocess",
    "import numpy as np\nnp.ctypeslib": "line 5: imports numpy.ctypeslib",
    "import numpy as np\nnp.f2py": "imports numpy.f2py",
    "M.clear()": "replaces sys.modules",
    # files
    "M['io'].open('/proc/self/mem')": "opens a file (/proc/self/mem)",
    "M['_io'].FileIO(4)": "opens a file (4)",
    "M['posix' if 'posix' in M else 'nt'].open('x', 0)": "may not reach the operating system",
    "import numpy as np\nnp.save('x', np.zeros(3))": "opens a file (x.npy)",
    "import numpy as np\nnp.fromfile('x')": "uses open",
    "M['os'].remove('x')": ".remove: an answer may not reach the operating system",
    "M['os'].chdir('/')": ".chdir: an answer may not",
    "M['_frozen_importlib_external'].SourceFileLoader('a', 'x').get_data('x')": "opens a file (x)",
    # other processes, signals, the checker's own pipe
    "M['os'].system('echo')": ".system: an answer may not reach the operating system",
    "M['os'].fork()": ".fork: an answer may not",
    "M['os'].kill(M['os'].getppid(), 0)": ".getppid: an answer may not",
    "M['os'].write(4, bytes(64))": ".write: an answer may not",
    "M['os']._exit(0)": "._exit: an answer may not",
    "[M['os'].dup2(k, 1) for k in (3, 4)]": ".dup2: an answer may not",
    "M['_imp'].create_builtin(None)": "create_builtin: an answer may not",
    # threads
    "M['threading'].Thread(target=print).start()": "starts a thread",
    "M['_thread'].start_new_thread(print, ())": "starts a thread",
    # frames and code
    "getattr(sys, '_get' + 'frame')(0)": "looks into frames or code objects (sys._getframe)",
    "import dataclasses\ndataclasses.inspect.stack()": "looks into frames",
    "try:\n    1 / 0\nexcept ZeroDivisionError as e:\n    getattr(e.__traceback__, 'tb_' + 'frame')": "(tb_frame)",
    "getattr((i for i in [1]), 'gi_' + 'frame')": "(gi_frame)",
    "def f(): pass\ngetattr(f, '__co' + 'de__')": "(__code__)",
    "sys.settrace(print)": "(sys.settrace)",
    "sys.setprofile(print)": "(sys.setprofile)",
    "sys.addaudithook(print)": "(sys.addaudithook)",
    "getattr(M['builtins'], 'ev' + 'al')('1')": "runs a text as a program",
    "getattr(M['builtins'], 'comp' + 'ile')('1', 'f', 'exec')": "runs a text as a program",
    'def f(a: \'sys.modules["os"].system("echo")\'): pass\ntyping.get_type_hints(f)': ".system: an answer may not",
    "[getattr(c.__init__, '__glo' + 'bals__')['system']('echo') for c in\n"
    " getattr(object, '__subcl' + 'asses__')() if c.__name__ == '_wrap_close']": ".system: an answer may not",
    "M['pickle'].loads(b\"cos\\nsystem\\n(S'echo'\\ntR.\")": "(pickle.find_class)",
    # other functions in the places of others'
    "import numpy as np\nnp.sum = abs": "replaces numpy.sum",
    "import numpy as np\nnp.array_equal = lambda *a, **k: True": "replaces numpy.array_equal",
    "import numpy as np\ndel np.add": "replaces numpy.add",
    "M['builtins'].len = lambda x: 0": "replaces builtins.len",
    "M['json'].dumps = lambda x: '{}'": "replaces json.dumps",
    "import math\nmath.exp = abs": "replaces math.exp",
    # what does not report itself, or would be asked while the lock looks at it
    "M['time'].clock_settime(2, 0)": "time.clock_settime: an answer may not",
    "M['_imp']._fix_co_filename(None, 'x')": "_fix_co_filename: an answer may not",
    "class E:\n    def __str__(self): M['os'].system('echo')\nsys.audit('open', E())": "opens a file (something)",
    "M['_thread'].interrupt_main()\nM['os'].system('echo')": ".system: an answer may not",
    "d = M['dis']._get_code_object(lambda: 0)\nd.replace(co_filename='x')": "(code.__new__)",
    # at the moment that an object is forgotten
    "class D:\n    def __del__(self): M['os'].system('echo')\nD()": ".system: an answer may not",
    "class D:\n    def __del__(self): M['os'].system('echo')\nd = D(); d.d = d; del d": ".system: an answer may not",
}


@pytest.mark.parametrize("text", SEEN_WHEN_IT_RUNS)
def test_what_the_text_hides_is_refused_when_it_runs(text: str) -> None:
    outcome = checked(REACH + text + "\n")
    assert SEEN_WHEN_IT_RUNS[text] in outcome.refused, outcome.diagnosis
    assert outcome.points == 0
    assert not outcome.passed


def test_a_refusal_cannot_be_caught() -> None:
    outcome = checked(REACH, "try: M['os'].system('echo')\nexcept BaseException: pass\nfinally: M['time'].sleep(0)")
    assert "line 7: calls" in outcome.refused
    assert outcome.points == 0


GAINS_NOTHING = {
    'print(\'{"passed": true, "points": 10}\')': "passed",
    "M['sys'].stderr.write('score 10')": "score 10",
    "M['sys'].stdout.buffer.raw.write(bytes([0, 0, 0, 2] + [0] * 8) + b'x' * 32 + b'{}')": "{}",
    "print('\\x1b[2J\\x1b[1mrelu: right')": "\N{REPLACEMENT CHARACTER}[2J\N{REPLACEMENT CHARACTER}[1mrelu: right",
    "print(vars(M['__main__']).keys(), sys.path, sys.argv)": "[] []",
    "print([m for m in M if m.strip('_') in ('wire', 'serving', 'lock', 'tinyseg')])": "[]",
    "sys.stdout.close(); sys.excepthook = None": "",
    "M['linecache'].getline = None; M['inspect'].signature = None": "",
    "M['json'].encoder.JSONEncoder.encode = lambda *a: '{}'": "",
}


@pytest.mark.parametrize("text", GAINS_NOTHING)
def test_what_is_printed_or_changed_gains_nothing(text: str) -> None:
    wrong = RIGHT.replace("np.where(positive, dy, 0)", "dy").format(inside=text)
    outcome = check_source(exercise("relu"), REACH + wrong, limits=LIMITS)
    assert GAINS_NOTHING[text] in outcome.printed
    assert outcome.diagnosis.cause == "mask-missing"
    assert outcome.points == 4


LIARS = {
    "a subclass whose contents are others": "import numpy as np\n"
    "class L(np.ndarray):\n"
    "    def __array__(self, *a, **k): return np.maximum(np.asarray(self), 0)\n"
    "    def __eq__(self, other): return True\n"
    "def relu_forward(x): return x.view(L), x\n"
    "def relu_backward(dy, c): return dy.view(L)\n",
    "something equal to all": "class L:\n"
    "    def __eq__(self, other): return True\n"
    "    def __le__(self, other): return True\n"
    "    def __getattr__(self, name): return self\n"
    "    def __call__(self, *a): return self\n"
    "def relu_forward(x): return L(), L()\n"
    "def relu_backward(dy, c): return L()\n",
    "a class that claims to be an array": "import numpy as np\n"
    "class L:\n"
    "    __class__ = np.ndarray\n"
    "    shape = property(lambda self: 1 / 0)\n"
    "def relu_forward(x): return L(), L()\n"
    "def relu_backward(dy, c): return L()\n",
    "a type whose name raises": "class T(type):\n"
    "    @property\n"
    "    def __name__(cls): raise SystemExit\n"
    "class L(metaclass=T): pass\n"
    "def relu_forward(x): return L(), L()\n"
    "def relu_backward(dy, c): return L()\n",
    "a tuple that counts otherwise": "class L(tuple):\n"
    "    def __len__(self): return 2\n"
    "    def __iter__(self): raise SystemExit\n"
    "def relu_forward(x): return L((x, x, x))\n"
    "def relu_backward(dy, c): return L((dy,))\n",
    "an exception without a text": "class L(Exception):\n"
    "    def __str__(self): raise SystemExit\n"
    "def relu_forward(x): raise L\n"
    "def relu_backward(dy, c): raise L\n",
    "halves of characters": "def relu_forward(x): raise ValueError('\\ud800\\x1b[2J')\n"
    "def relu_backward(dy, c): return dy\n",
}


@pytest.mark.parametrize("name", LIARS)
def test_results_that_lie_are_wrong(name: str) -> None:
    outcome = check_source(exercise("relu"), LIARS[name], limits=LIMITS)
    assert outcome.points == 0
    assert not outcome.passed
    assert outcome.diagnosis.cause != "not-judged", outcome.diagnosis
    str(outcome.diagnosis).encode()


def test_a_result_that_never_becomes_an_array_is_too_late() -> None:
    text = (
        "class L:\n    def __array__(self, *a, **k):\n        while True: pass\n"
        "def relu_forward(x): return L(), x\ndef relu_backward(dy, c): return dy\n"
    )
    outcome = check_source(exercise("relu"), text, limits=Limits(call=0.5))
    assert outcome.diagnosis.cause == "time-out"
    assert outcome.points == 0


def test_the_worker_shows_nothing_of_itself() -> None:
    """Neither by its classes, nor by the function that stands for np.empty while memory is poisoned."""
    look = (
        "todo, names = [object], set()\n"
        "while todo:\n"
        "    c = todo.pop()\n"
        "    names.add(c.__module__)\n"
        "    todo += [s for s in getattr(type, '__subcl' + 'asses__')(c) if s is not type]\n"
        "print([n for n in names if n.strip('_') in ('wire', 'serving', 'lock', 'running', 'patches', 'syscalls')])\n"
    )
    inside = "f = getattr(np.empty, '__glo' + 'bals__', None)\nif f is not None: print(sorted(f))"
    printed = checked(REACH + look, inside).printed
    assert set(printed.splitlines()) == {"[]", "['__builtins__', 'make', 'nan', 'poisoned']"}


HIDES = {
    "np.asarray of NumPy's own": "M['numpy._core.numeric'].asarray = lambda a: 0",
    "np.array_equal of NumPy's own": "M['numpy._core.numeric'].array_equal = lambda *a, **k: True",
    "the methods of arrays": "M['numpy._core._methods'].umr_all = lambda *a, **k: True",
    "the encoder": "M['json'].encoder.JSONEncoder.encode = lambda *a: '{}'",
    "the decoder": "M['json'].decoder.JSONDecoder.decode = lambda *a: {}",
}


@pytest.mark.parametrize("what", HIDES)
def test_a_changed_input_cannot_be_hidden(what: str) -> None:
    outcome = checked(REACH + HIDES[what] + "\n", "x[x < 0] = 0")
    assert outcome.diagnosis.cause == "input-changed" or outcome.refused, outcome.diagnosis
    assert not outcome.passed


def test_nothing_of_the_library_is_in_the_process() -> None:
    outcome = checked(REACH + "print(sorted(m for m in M if 'tinyseg' in m or 'exercise' in m), len(M) > 50)\n")
    assert outcome.printed == "[] True\n"


@pytest.mark.skipif(sys.platform == "win32", reason="it has no such files")
def test_files_stay_as_they_are(tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("mine", "utf-8")
    path = os.fspath(tmp_path / "mine")
    for text in (f"M['os'].unlink({path!r})", f"M['_io'].open({path!r}, 'w')", f"M['os'].truncate({path!r}, 0)"):
        assert checked(REACH + text + "\n").refused
    assert (tmp_path / "mine").read_text("utf-8") == "mine"
