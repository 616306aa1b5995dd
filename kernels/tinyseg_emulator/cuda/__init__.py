"""CUDA C++ on the CPU.

    source_files.py     the text of a file, in whichever encoding it is
    translate/          a .cu file as C++ that a compiler of the CPU takes
    compiler.py         which compiler there is
    compiler_messages.py    what it says, in the file's own lines
    build.py            compiles, and keeps what it compiled
    native.py           the library of the runtime
    library.py          a compiled file, loaded; source_table.py: what is in it
    structures.py       its structures and variables, as NumPy sees them
    module.py           a compiled file's kernels, with the types of their parameters
    launch.py           launches a kernel for `gpu/cuda.py`
    checked_launch.py   a launch under observation
    check.py            all kernels of a file, launched as their comments say, in several orders of threads
    memory_map.py       which array an address belongs to
    elf.py, lines.py    from an address of machine code to a source line
    include/            what stands in for CUDA's headers
    runtime/            blocks, warps, barriers and the observation of accesses, in C++

Both folders of C++ sources are read at run time: the first kernel compiles them.
"""
