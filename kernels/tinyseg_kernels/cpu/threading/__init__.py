"""Who computes when: the threads of all compiled kernels, and what else runs on the machine.

    threads.py    how many threads there are, and how the work of a kernel is cut into parts
    team.py       the workers, and who waits for whom
    pace.py       whether the other threads help or hinder
    spinning.py   waiting without sleeping, in machine code
    cores.py      how many cores this process may use
    signals.py    signals that wait until a kernel is compiled
    alone.py      of processes that start together one compiles a kernel, the others wait for it

None of these changes the bits of a result: parts are cut in the same way, whoever computes them.
"""
