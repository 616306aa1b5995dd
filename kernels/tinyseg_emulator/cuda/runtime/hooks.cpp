// What compiled kernels call: g++ and clang insert a call of __tsan_* before every load and store (-fsanitize=thread), and of __ubsan_* where an index leaves an
// array or a pointer is not aligned (-fsanitize=bounds-strict,alignment). The sanitizers' own libraries are not linked; these functions take their place.
#include <algorithm>
#include <cstdio>

#include "checks.h"
#include "trace.h"

// Told of each access under check, when it is set: a program (../program) orders launches and copies among each other.
extern "C" void (*tinyseg_observer)(const char *address, size_t size, int access, const void *code, int space) = nullptr;

namespace emulator {

Checks checks;

Where locate(const char *address, size_t size) {
  if (address >= machine.stacks && address < machine.stacks + MAX_THREADS * STACK) return {LOCAL, nullptr, nullptr};
  const Launch &launch = *machine.launch;
  if (address >= launch.static_shared && address < launch.static_shared + launch.static_shared_size) {
    for (const Region &variable : checks.shared_variables)
      if (address >= variable.begin && address + size <= variable.begin + variable.size) return {STATIC_SHARED, nullptr, launch.static_shared};
    return {NOWHERE, nullptr, nullptr};
  }
  if (address >= machine.dynamic_shared && address + size <= machine.dynamic_shared + launch.dynamic_shared)
    return {DYNAMIC_SHARED, nullptr, machine.dynamic_shared};
  const Region *region = checks.last_region;
  if (!region || address < region->begin || address + size > region->begin + region->size) {
    auto above = std::upper_bound(checks.regions.begin(), checks.regions.end(), address, [](const char *a, const Region &r) { return a < r.begin; });
    if (above == checks.regions.begin()) return {NOWHERE, nullptr, nullptr};
    region = &*(above - 1);
    if (address + size > region->begin + region->size) return {NOWHERE, nullptr, nullptr};
    checks.last_region = region;
  }
  return {GLOBAL, region, region->begin};
}

// threadIdx and its kin: clang does not take them for constants.
static bool is_index(const char *address) {
  const auto within = [address](const auto &object) {
    const char *begin = reinterpret_cast<const char *>(&object);
    return address >= begin && address < begin + sizeof object;
  };
  return within(tinyseg_thread_index) || within(tinyseg_block_index) || within(tinyseg_block_dim) || within(tinyseg_grid_dim);
}

static void access(const void *pointer, size_t size, int kind, const void *code, bool aligned) {
  const char *address = static_cast<const char *>(pointer);
  const Where where = locate(address, size);
  if (where.space == LOCAL || (where.space == NOWHERE && is_index(address))) return;
  finish_values();
  checks.accesses++;
  trace_access(address, size, kind, code, where.space != NOWHERE);
  if (where.space == NOWHERE) {
    if (!(checks.active & BOUNDS)) return;
    machine.failure->address = address;
    machine.failure->size = int(size);
    machine.failure->access = kind;
    fail({nullptr, 0}, code, "out of bounds");
  }
  if (aligned && (checks.active & BOUNDS) && reinterpret_cast<uintptr_t>(address) % size) {
    machine.failure->address = address;
    machine.failure->size = int(size);
    machine.failure->access = kind;
    fail({nullptr, 0}, code, "misaligned");
  }
  if (checks.active & (RACES | UNINITIALISED)) note_race_access(where, address, size, kind, code);
  if (checks.active & MEMORY_USE) note_use(where, address, size, kind, code);
  if (tinyseg_observer) tinyseg_observer(address, size, kind, code, where.space);
}

void checks_begin_block() {
  if (!checks.active) return;
  checks.epoch++;
  checks.block++;
}
void checks_block_barrier() {
  if (!checks.active) return;
  finish_values();
  checks.epoch++;
}
void checks_warp_done() {
  if (!checks.active) return;
  finish_values();
  if (checks.active & MEMORY_USE) flush_uses();
}
void checks_warp_sync(unsigned base, unsigned mask) {
  if (checks.active & RACES) sync_warp_clocks(base, mask);
}

}  // namespace emulator

using namespace emulator;

extern "C" {

void tinyseg_access(const volatile void *address, size_t size, int kind, const void *code) {
  if (checks.active) access(const_cast<const void *>(address), size, kind, code, true);
}

#define HOOK(name, size, kind, aligned) \
  void __tsan_##name(void *address) { \
    if (checks.active) access(address, size, kind, __builtin_return_address(0), aligned); \
  }
#define HOOKS(size)                           \
  HOOK(read##size, size, READ, true)          \
  HOOK(write##size, size, WRITE, true)        \
  HOOK(unaligned_read##size, size, READ, false)   \
  HOOK(unaligned_write##size, size, WRITE, false) \
  HOOK(volatile_read##size, size, READ, true)     \
  HOOK(volatile_write##size, size, WRITE, true)
HOOKS(1)
HOOKS(2)
HOOKS(4)
HOOKS(8)
HOOKS(16)
#undef HOOK
#undef HOOKS
#define READ_WRITE(size)                                                               \
  void __tsan_read_write##size(void *address) {                                        \
    if (!checks.active) return;                                                        \
    access(address, size, READ, __builtin_return_address(0), true);                    \
    access(address, size, WRITE, __builtin_return_address(0), true);                   \
  }
READ_WRITE(1)
READ_WRITE(2)
READ_WRITE(4)
READ_WRITE(8)
READ_WRITE(16)
#undef READ_WRITE

static void range(const void *address, size_t size, int kind, const void *code) {
  if (!checks.active) return;
  const char *at = static_cast<const char *>(address);
  for (size_t done = 0; done < size; done += 4) access(at + done, std::min<size_t>(4, size - done), kind, code, false);
}
void __tsan_read_range(void *address, size_t size) { range(address, size, READ, __builtin_return_address(0)); }
void __tsan_write_range(void *address, size_t size) { range(address, size, WRITE, __builtin_return_address(0)); }
void *__tsan_memcpy(void *to, const void *from, size_t size) {
  range(from, size, READ, __builtin_return_address(0));
  range(to, size, WRITE, __builtin_return_address(0));
  return __builtin_memcpy(to, from, size);
}
void *__tsan_memset(void *to, int value, size_t size) {
  range(to, size, WRITE, __builtin_return_address(0));
  return __builtin_memset(to, value, size);
}
void __tsan_init() {}
void __tsan_func_entry(void *) {}
void __tsan_func_exit() {}
void __tsan_vptr_update(void **, void *) {}
void __tsan_vptr_read(void **) {}

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
  fail({data->place.file, int(data->place.line)}, nullptr, "out of bounds: index %d of %s", int(index), data->array->name);
}
void __ubsan_handle_type_mismatch_v1_abort(UbsanMismatch *data, uintptr_t pointer) {
  const size_t alignment = size_t(1) << data->log_alignment;
  if (!pointer) fail({data->place.file, int(data->place.line)}, nullptr, "null pointer to %s", data->type->name);
  if (pointer % alignment)
    fail({data->place.file, int(data->place.line)}, nullptr, "misaligned: %s needs an address that is a multiple of %zu, got %p (off by %zu bytes)",
         data->type->name, alignment, reinterpret_cast<void *>(pointer), pointer % alignment);
  fail({data->place.file, int(data->place.line)}, nullptr, "an object of type %s does not fit there", data->type->name);
}
void __ubsan_handle_out_of_bounds(UbsanBounds *data, uintptr_t index) { __ubsan_handle_out_of_bounds_abort(data, index); }
void __ubsan_handle_type_mismatch_v1(UbsanMismatch *data, uintptr_t pointer) { __ubsan_handle_type_mismatch_v1_abort(data, pointer); }

// For Python: what a launch is to check, and what it found.
void tinyseg_begin_checks(int active, const Region *regions, int region_count, const Region *variables, int variable_count) {
  checks.active = active;
  checks.regions.assign(regions, regions + region_count);
  checks.shared_variables.assign(variables, variables + variable_count);
  std::sort(checks.regions.begin(), checks.regions.end(), [](const Region &a, const Region &b) { return a.begin < b.begin; });
  checks.findings.clear();
  checks.finding_of.clear();
  checks.uses.clear();
  checks.accesses = 0;
  checks.epoch = checks.block = 0;
  checks.last_region = nullptr;
  begin_races();
}
int tinyseg_end_checks(int completed) {
  if (completed) finish_values();
  if (completed && (checks.active & MEMORY_USE)) collect_uses();
  checks.active = 0;
  return int(checks.findings.size());
}
const Finding *tinyseg_findings() { return checks.findings.data(); }
int tinyseg_use_count() { return int(checks.uses.size()); }
const Use *tinyseg_uses() { return checks.uses.data(); }
uint64_t tinyseg_access_count() { return checks.accesses; }
}
