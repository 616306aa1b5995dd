"""One-feature CUDA files: does the emulator take and refuse what nvcc does, and compute what PTX defines?"""
