// What compiled kernels call where an index leaves an array or a pointer is not aligned
// (-fsanitize=bounds-strict,alignment): __ubsan_*.
#include "checks.h"

using namespace emulator;

extern "C" {
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
