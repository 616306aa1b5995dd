"""Memory of results, and how numbers come and go.

    buffers.py        arrays whose memory is used again
    arena.py          address space that is handed out in pieces
    addresses.py      many arrays behind one table of addresses
    non_temporal.py   stores past the cache
    prefetch.py       loads ahead of time

None of it is known to the NumPy rungs: their arrays are NumPy's own.
"""
