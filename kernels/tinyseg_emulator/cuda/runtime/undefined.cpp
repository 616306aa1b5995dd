// What compiled kernels call where an index leaves an array or a pointer is not aligned
// (-fsanitize=bounds-strict,alignment): __ubsan_*.
#include "checks.h"

#include <cstring>

namespace emulator {
// An operation that C++ leaves undefined, with the value that a GPU gives. native.py has the same layout in ctypes.
struct Undefined {
  char what[80], left[40], right[40], result[40];
  const void *code;
  uint64_t count;
  uint3 block, thread;
};
static std::vector<Undefined> undefined_operations;
}  // namespace emulator

using namespace emulator;

extern "C" {
// Called by exact_operators.h; operations of one instruction are counted, not repeated.
void tinyseg_undefined(const char *what, const char *left, const char *right, const char *result, const void *code) {
  if (!checks.active) return;
  for (Undefined &known : undefined_operations)
    if (known.code == code) {
      known.count++;
      return;
    }
  Undefined made{};
  strncpy(made.what, what, sizeof made.what - 1);
  strncpy(made.left, left, sizeof made.left - 1);
  strncpy(made.right, right, sizeof made.right - 1);
  strncpy(made.result, result, sizeof made.result - 1);
  made.code = code;
  made.count = 1;
  made.block = tinyseg_block_index;
  made.thread = tinyseg_thread_index;
  undefined_operations.push_back(made);
}
void tinyseg_forget_undefined() { undefined_operations.clear(); }
int tinyseg_undefined_count() { return int(undefined_operations.size()); }
const Undefined *tinyseg_undefined_operations() { return undefined_operations.data(); }

// The data that the compilers hand over, by their interface.
struct UbsanPlace {
  const char *file;
  unsigned line, column;
};
struct UbsanType {
  unsigned short kind, info;
  char name[1];
};
struct UbsanBounds {
  UbsanPlace place;
  const UbsanType *array, *index;
};
struct UbsanMismatch {
  UbsanPlace place;
  const UbsanType *type;
  unsigned char log_alignment, kind;
};
void __ubsan_handle_out_of_bounds_abort(UbsanBounds *data, uintptr_t index) {
  fail({data->place.file, int(data->place.line)}, nullptr, "out of bounds: index %d of %s", int(index),
       data->array->name);
}
void __ubsan_handle_type_mismatch_v1_abort(UbsanMismatch *data, uintptr_t pointer) {
  const size_t alignment = size_t(1) << data->log_alignment;
  if (!pointer) fail({data->place.file, int(data->place.line)}, nullptr, "null pointer to %s", data->type->name);
  if (pointer % alignment)
    fail({data->place.file, int(data->place.line)}, nullptr,
         "misaligned: %s needs an address that is a multiple of %zu, got %p (off by %zu bytes)", data->type->name,
         alignment, reinterpret_cast<void *>(pointer), pointer % alignment);
  fail({data->place.file, int(data->place.line)}, nullptr, "an object of type %s does not fit there", data->type->name);
}
void __ubsan_handle_out_of_bounds(UbsanBounds *data, uintptr_t index) {
  __ubsan_handle_out_of_bounds_abort(data, index);
}
void __ubsan_handle_type_mismatch_v1(UbsanMismatch *data, uintptr_t pointer) {
  __ubsan_handle_type_mismatch_v1_abort(data, pointer);
}
}
