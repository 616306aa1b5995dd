// The CUDA runtime as programs include it; a .cu file has it without asking, as with nvcc.
#pragma once
#include "cuda_runtime_api.h"
#ifdef TINYSEG_PROGRAM
#include "cuda_program.h"
#undef __noinline__  // a word of the C++ library, too: program/build.py rewrites it in the program's own lines
#endif
