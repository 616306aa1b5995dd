// What compiled kernels call: g++ and clang insert a call of __tsan_* before every load and store (-fsanitize=thread),
// and of __ubsan_* where an index leaves an array or a pointer is not aligned (-fsanitize=bounds-strict,alignment). The
// sanitizers' own libraries are not linked; these functions take their place.
#include <algorithm>
#include <cstdio>

#include "checks.h"
#include "trace.h"

// Told of each access under check, when it is set: a program (../program) orders launches and copies among each other.
extern "C" const char *tinyseg_range = nullptr;  // of the copy that the accesses are a part of
extern "C" size_t tinyseg_range_size = 0;
extern "C" void (*tinyseg_observer)(const char *address, size_t size, int access, const void *code, int space) = nullptr;

namespace emulator {

// threadIdx and its kin: clang does not take them for constants.
static bool is_index(const char *address) {
  const auto within = [address](const auto &object) {
    const char *begin = reinterpret_cast<const char *>(&object);
    return address >= begin && address < begin + sizeof object;
  };
  return within(tinyseg_thread_index) || within(tinyseg_block_index) || within(tinyseg_block_dim) ||
         within(tinyseg_grid_dim) || within(tinyseg_warp_size);
}

[[noreturn]] static void refuse(const char *address, size_t size, int kind, const void *code, const char *text) {
  machine.failure->address = address;
  machine.failure->size = int(size);
  machine.failure->access = kind;
  fail({nullptr, 0}, code, "%s", text);
}

static void set_countdown(int64_t accesses) {
  const uint64_t left = machine.launch->steps > checks.steps ? machine.launch->steps - checks.steps : 0;
  countdown = last_countdown = int64_t(std::min(uint64_t(accesses), left + 1));
}

// Now and then: the limits, and a turn for the others.
__attribute__((noinline)) static void look_at_limits(const char *address, const void *code) {
  static uint64_t switches;
  checks.steps += uint64_t(last_countdown);
  const bool again = last_countdown == NEXT_LOOK, same = switches == machine.switches;
  if (machine.stop) end_launch(machine.stop, code);
  if (checks.steps > machine.launch->steps) end_launch(STEPS, code);
  set_countdown(same && !again ? NEXT_LOOK : COUNTDOWN);
  if (same) note_long_run(address, code, again);
  if (same && again) pause(code);
  switches = machine.switches;
}

// Whether a read needs no more than to be counted: it lies in an array that nothing writes to, and nobody asks for each
// access.
static inline __attribute__((always_inline)) bool is_free(const char *address, size_t size, const void *code,
                                                          bool aligned) {
  const Extent &hint = hint_of(code);
  if (!is_within(hint, address, size) || hint.cells || (aligned && reinterpret_cast<uintptr_t>(address) % size))
    return false;
  if (values_pending || tracing || checks.active & MEMORY_USE || tinyseg_observer || countdown <= 1) return false;
  countdown--;
  return true;
}

static inline __attribute__((always_inline)) void access(const void *pointer, size_t size, int kind, const void *code,
                                                         bool aligned) {
  const char *address = static_cast<const char *>(pointer);
  if (kind == READ && is_free(address, size, code, aligned)) return;
  const Where where = locate(address, size, code);
  if (where.space == LOCAL) return;
  if (where.space == NOWHERE) {
    if (is_index(address)) return;
    if (tracing) trace_access(address, size, kind & ACCESS_KIND, code, false);
    if (!(checks.active & BOUNDS)) return;
    refuse(address, size, kind & ACCESS_KIND, code, "out of bounds");
  }
  if (values_pending) finish_values();
  if (tracing) trace_access(address, size, kind & ACCESS_KIND, code, true);
  if (--countdown <= 0) look_at_limits(address, code);
  if (aligned && reinterpret_cast<uintptr_t>(address) % size && (checks.active & BOUNDS))
    refuse(address, size, kind & ACCESS_KIND, code, "misaligned");
  const int plain = kind & ACCESS_KIND;
  const uint32_t offset = offset_of(code);
  const bool strong = plain >= ATOMIC;
  if (plain == WRITE) machine.progress++;
  if (checks.active & (RACES | UNINITIALISED)) {
    bool counts = false;
    if (strong) {
      note_poll(address, size, plain, code);
      counts = note_synchronising(address, kind, code, where.space != GLOBAL);
    }
    if (kind & COMPARES) note_guesses(where);
    note_race_access(where, address, size, plain, offset);
    if (counts) count_synchronisation(current_thread());
  }
  if (checks.active & MEMORY_USE)
    note_use(where, address, size,
             plain == VOLATILE_READ    ? int(READ)
             : plain == VOLATILE_WRITE ? int(WRITE)
                                       : plain,
             offset);
  if ((checks.active & FOOTPRINT) && where.space == GLOBAL) note_footprint(where.base, address, size, plain);
  if (tinyseg_observer) tinyseg_observer(address, size, plain, code, where.space);
}

// The same for an atomic on shared memory that the cell knows, as most of a histogram's are: no fence is about, and the
// thread does not poll.
static inline __attribute__((always_inline)) bool is_settled(const char *address, size_t size, int kind,
                                                             const void *code) {
  if (values_pending || tracing || tinyseg_observer || countdown <= 1 || (kind & ACCESS_KIND) != ATOMIC ||
      kind & (ACQUIRE_RELEASE | COMPARES) || size != 4 || reinterpret_cast<uintptr_t>(address) % 4 || !(checks.active & RACES))
    return false;
  const Where where = locate(address, size, code);
  const uint32_t offset = offset_of(code);
  if (!where.shared_cell || !is_quiet(*where.shared_cell, {offset | 15u << 28, self.who, self.epoch}, ATOMIC) ||
      !orders_nothing(true) || !polls_elsewhere(address, size, ATOMIC, code))
    return false;
  if (checks.active & MEMORY_USE) note_use(where, address, size, ATOMIC, offset);
  countdown--;
  return true;
}

__attribute__((noinline)) static void any_access(const void *address, size_t size, int kind, const void *code) {
  access(address, size, kind, code, true);
}

static void begin_epoch(BlockChecks &block) {
  block.epoch = ++checks.epoch;
  checks.block_of_epoch.push_back(block.number);
}

static int suspended;  // the checks that were ended before their launch
static std::vector<BlockChecks *> spare_checks;  // blocks that have ended

void checks_begin_thread() {
  if (!checks.active) return;
  const unsigned thread = unsigned(machine.current - machine.threads);
  self = {machine.current->worker->stack, thread | clock_of(*checks.block, thread) << 13, checks.block->epoch};
}
void checks_begin_block(Block &block) {
  if (!checks.active) return;
  if (spare_checks.empty()) spare_checks.push_back(new BlockChecks());
  block.checks = checks.block = spare_checks.back();
  spare_checks.pop_back();
  checks.block->number = block.number;
  begin_epoch(*checks.block);
  checks.block->first_epoch = checks.block->epoch;
  checks.block->ordered_within = false;
  std::fill(checks.block->unfenced, checks.block->unfenced + MAX_THREADS, uint8_t(0));
  checks.block->cells.resize((machine.launch->static_shared_size + 3) / 4 + machine.launch->dynamic_shared / 4 + 2);
}
void checks_enter_block(Block &block) { checks.block = block.checks; }
void checks_end_block(Block &block) {
  if (!block.checks) return;
  end_order(*block.checks);
  spare_checks.push_back(block.checks);
  block.checks = nullptr;
}
void checks_block_barrier() {
  if (!checks.active) return;
  finish_values();
  order_block_barrier(*checks.block);
  begin_epoch(*checks.block);
}
void checks_grid_barrier() {
  if (!checks.active) return;
  finish_values();
  const uint32_t first = checks.epoch + 1;
  for (Block *block : machine.alive) {
    order_block_barrier(*block->checks);
    begin_epoch(*block->checks);
  }
  checks.ordered_before = first;
}
void checks_warp_done() {
  if (!checks.active) return;
  finish_values();
  if (checks.active & MEMORY_USE) flush_uses();
}
void checks_warp_sync(unsigned base, unsigned mask) {
  if (checks.active & RACES) order_warp_barrier(base, mask);
}
bool checks_are_on() { return checks.active != 0; }

}  // namespace emulator

using namespace emulator;

extern "C" {

void tinyseg_access(const volatile void *address, size_t size, int kind, const void *code) {
  tinyseg_patience--;
  if (!checks.active) return;
  const void *const place = const_cast<const void *>(address);
  if (!is_settled(static_cast<const char *>(place), size, kind, code)) any_access(place, size, kind, code);
}
// Without checks: others have their turn, and the atomics are counted.
void tinyseg_pause() {
  checks.steps += 1024;
  if (machine.stop) end_launch(machine.stop, __builtin_return_address(0));
  if (!checks.active && checks.steps > machine.launch->steps) end_launch(STEPS, __builtin_return_address(0));
  pause(__builtin_return_address(0));
}

#define HOOK(name, size, kind, aligned)                                                   \
  void __tsan_##name(void *address) {                                                     \
    if (checks.active) access(address, size, kind, __builtin_return_address(0), aligned); \
  }
#define HOOKS(size)                                    \
  HOOK(read##size, size, READ, true)                   \
  HOOK(write##size, size, WRITE, true)                 \
  HOOK(unaligned_read##size, size, READ, false)        \
  HOOK(unaligned_write##size, size, WRITE, false)      \
  HOOK(volatile_read##size, size, VOLATILE_READ, true) \
  HOOK(volatile_write##size, size, VOLATILE_WRITE, true)
HOOKS(1)
HOOKS(2)
HOOKS(4)
HOOKS(8)
HOOKS(16)
#undef HOOK
#undef HOOKS
#define READ_WRITE(size)                                             \
  void __tsan_read_write##size(void *address) {                      \
    if (!checks.active) return;                                      \
    access(address, size, READ, __builtin_return_address(0), true);  \
    access(address, size, WRITE, __builtin_return_address(0), true); \
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
  tinyseg_range = at;
  tinyseg_range_size = size;
  for (size_t done = 0; done < size; done += 4) access(at + done, std::min<size_t>(4, size - done), kind, code, false);
  tinyseg_range_size = 0;
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

// For Python: what a launch is to check, and what it found.
void tinyseg_begin_checks(const Launch *launch, int active, const Region *regions, int region_count,
                          const Region *variables, int variable_count) {
  const bool keep = launch->number > 0;  // what earlier launches of the program did
  machine.launch = const_cast<Launch *>(launch);
  find_code(reinterpret_cast<const void *>(launch->run));
  checks.active = active;
  suspended = 0;
  checks.shared_variables.assign(variables, variables + variable_count);
  checks.variable_at.assign(launch->static_shared_size, 0);
  for (int i = 0; i < variable_count; i++)
    for (size_t k = 0; k < variables[i].size; k++)
      checks.variable_at[size_t(variables[i].begin - launch->static_shared) + k] = uint16_t(i + 1);
  checks.uses.clear();
  checks.steps = 0;
  set_countdown(COUNTDOWN);
  if (!keep || checks.block_of_epoch.empty()) {
    checks.epoch = 0;
    checks.block_of_epoch.assign(1, 0);
  }
  checks.launch_epoch = checks.ordered_before = checks.epoch + 1;
  if (keep) checks.ordered_before = 0;
  for (BlockChecks *block : spare_checks) {  // their epochs may come again
    block->cells.clear();
    std::fill(block->warp_epochs, block->warp_epochs + MAX_WARPS, 0u);
  }
  begin_launch_record(*launch);
  begin_memory(regions, region_count, keep);
  begin_races(keep);
  begin_orders();
  begin_waits();
  begin_findings();
  begin_footprint();
}
// Ends the checks of a launch that goes on without them; returns how many blocks had begun. What was found so far stays.
uint64_t tinyseg_suspend_checks() {
  finish_values();
  suspended = checks.active;
  checks.active = 0;
  return machine.begun;
}
int tinyseg_checks_were_suspended() { return suspended != 0; }
int tinyseg_end_checks(int completed) {
  if (suspended) checks.active = suspended;
  suspended = 0;
  if (completed) finish_values();
  drop_guesses();
  if (completed && (checks.active & MEMORY_USE)) collect_uses();
  if (completed) collect_footprint();
  checks.active = 0;
  return int(checks.findings.size());
}
const Finding *tinyseg_findings() { return checks.findings.data(); }
int tinyseg_use_count() { return int(checks.uses.size()); }
const Use *tinyseg_uses() { return checks.uses.data(); }
uint64_t tinyseg_access_count() { return checks.steps + uint64_t(last_countdown - countdown); }
}
