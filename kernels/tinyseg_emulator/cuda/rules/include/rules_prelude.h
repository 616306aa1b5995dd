// Before the first line of a file that is read for its rules: the emulator's headers count as functions of host and
// device, the C library as functions of the host, and CUDA's words are attributes.
#pragma once

// Mathematics runs on both sides. (Without the C++ library's layer, which holds much that does not.)
#define _GLIBCXX_INCLUDE_NEXT_C_HEADERS
#pragma clang force_cuda_host_device begin
#include <math.h>
#pragma clang force_cuda_host_device end
#undef _GLIBCXX_INCLUDE_NEXT_C_HEADERS

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmath>
#include <type_traits>
#include <utility>

#include "rules_system.h"  // what the emulator's headers include of the machine's

#include "rules_words.h"
#pragma clang force_cuda_host_device begin
#include "cuda_emulator.h"
#include "rules_headers.h"  // those of CUDA's headers that the file includes
#pragma clang force_cuda_host_device end
#include "rules_words.h"

// What clang looks up for  kernel<<<...>>>(...) .
extern "C" __attribute__((host)) int cudaConfigureCall(dim3, dim3, size_t = 0, void * = nullptr);
