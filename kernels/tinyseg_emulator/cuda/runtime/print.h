// What kernels print, for whoever launches them: cuda/printing.py, and the host runtime of whole programs when it
// synchronises.
#pragma once
#include <cstddef>
#include <cstdint>

#include "../include/runtime_interface.h"

extern "C" {
void tinyseg_print_from(int one, uint3 block, uint3 thread);
void tinyseg_print_limit(size_t bytes);
const char *tinyseg_take_printed(size_t *size, uint64_t *lost);
const char *tinyseg_take_asserted(size_t *size);
void tinyseg_write_printed();
}
