// The CUDA runtime as programs include it; a .cu file has it without asking, as with nvcc.
#pragma once
#include "cuda_runtime_api.h"
#ifdef TINYSEG_PROGRAM
#include "cuda_program.h"
#endif
