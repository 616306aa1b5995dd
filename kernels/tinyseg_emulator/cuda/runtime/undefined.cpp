// What compiled kernels call where an index leaves an array, a pointer is not aligned, or a signed number overflows
// (-fsanitize=bounds-strict,alignment,signed-integer-overflow): __ubsan_*.
#include "checks.h"

#include <cstring>

namespace emulator {
// An operation that C++ leaves undefined, with the value that a GPU gives. native.py has the same layout in ctypes.
struct Undefined {
  char what[80], left[40], right[40], result[40];
  const void *key;  // of the kind of operation
  const char *file;
  uint64_t line, count;
  uint3 block, thread;
};
static std::vector<Undefined> undefined_operations;

// Whether an operation is to be told: the first one of its kind and line.
static bool is_new(const void *key, const char *file, unsigned line) {
  if (!checks.active) return false;
  for (Undefined &known : undefined_operations)
    if (known.key == key && known.line == line && known.file == file) {
      known.count++;
      return false;
    }
  return true;
}
static Undefined &add_undefined(const char *what, const void *key, const char *file, unsigned line) {
  Undefined made{};
  strncpy(made.what, what, sizeof made.what - 1);
  made.key = key;
  made.file = file;
  made.line = line;
  made.count = 1;
  made.block = tinyseg_block_index;
  made.thread = tinyseg_thread_index;
  undefined_operations.push_back(made);
  return undefined_operations.back();
}
}  // namespace emulator

using namespace emulator;

extern "C" {
// Called by exact_operators.h; operations of one kind and line are counted, not repeated.
void tinyseg_undefined(const char *what, const char *left, const char *right, const char *result, const char *file, int line) {
  if (!is_new(what, file, line)) return;
  Undefined &made = add_undefined(what, what, file, line);
  strncpy(made.left, left, sizeof made.left - 1);
  strncpy(made.right, right, sizeof made.right - 1);
  strncpy(made.result, result, sizeof made.result - 1);
}
// Whether the caller is a thread of a kernel: those have stacks of their own.
int tinyseg_on_device() { return on_a_stack(static_cast<const char *>(__builtin_frame_address(0))); }
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

// Signed numbers that overflow. They wrap, as on a GPU. A number of up to 64 bits comes as it is, a longer one by its
// address.
struct UbsanOverflow {
  UbsanPlace place;
  const UbsanType *type;
};
static int64_t operand_of(const UbsanOverflow &data, uintptr_t value) {
  const unsigned bits = 1u << (data.type->info >> 1);
  return bits > 64 ? *reinterpret_cast<const int64_t *>(value) : int64_t(uint64_t(value) << (64 - bits)) >> (64 - bits);
}
static void overflow(const UbsanOverflow &data, const char *what, uintptr_t left, uintptr_t right, uint64_t result) {
  // The emulator's own headers compute with signed numbers that wrap.
  if (!is_new(&data, data.place.file, data.place.line)) return;
  if (strstr(data.place.file, "/tinyseg_emulator/cuda/include/")) return;
  Undefined &made = add_undefined(what, &data, data.place.file, data.place.line);
  const unsigned bits = 1u << (data.type->info >> 1);
  snprintf(made.left, sizeof made.left, "%lld", (long long)operand_of(data, left));
  snprintf(made.right, sizeof made.right, "%lld", (long long)operand_of(data, right));
  const int unused = bits < 64 ? 64 - int(bits) : 0;
  snprintf(made.result, sizeof made.result, "%lld", (long long)(int64_t(result << unused) >> unused));
}
void __ubsan_handle_add_overflow(UbsanOverflow *data, uintptr_t a, uintptr_t b) {
  overflow(*data, "signed overflow: a + b", a, b, uint64_t(a) + uint64_t(b));
}
void __ubsan_handle_sub_overflow(UbsanOverflow *data, uintptr_t a, uintptr_t b) {
  overflow(*data, "signed overflow: a - b", a, b, uint64_t(a) - uint64_t(b));
}
void __ubsan_handle_mul_overflow(UbsanOverflow *data, uintptr_t a, uintptr_t b) {
  overflow(*data, "signed overflow: a * b", a, b, uint64_t(a) * uint64_t(b));
}
void __ubsan_handle_negate_overflow(UbsanOverflow *data, uintptr_t a) {
  overflow(*data, "signed overflow: -a", a, a, 0 - uint64_t(a));
}
void __ubsan_handle_divrem_overflow(UbsanOverflow *data, uintptr_t a, uintptr_t b) {
  overflow(*data, "overflow of a division: a / b", a, b, 0 - uint64_t(a));
}
}
