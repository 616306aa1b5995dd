// What kernels print, for whoever launches them: cuda/printing.py, and the host runtime of whole programs when it synchronises.
#pragma once
#include <cstddef>
#include <cstdint>

extern "C" {
void tinyseg_print_from(int one, unsigned block_x, unsigned block_y, unsigned block_z, unsigned x, unsigned y, unsigned z);
void tinyseg_print_limit(size_t bytes);
const char *tinyseg_take_printed(size_t *size, uint64_t *lost);
const char *tinyseg_take_asserted(size_t *size);
}
