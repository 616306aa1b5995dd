"""One-feature CUDA files: does the emulator take what nvcc takes, refuse what it refuses, and compute what PTX defines?"""
