// Loops that wait, and the fences that are missing: which atomic or volatile accesses have passed between two accesses,
// whatever the fences, and which are polled.
#include <algorithm>
#include <cstring>
#include <unordered_set>

#include "checks.h"

namespace emulator {

constexpr unsigned POLLS_IN_A_TURN = 32, RECENT = 4, SLOTS = 1 << 13;

struct Synchronisation {
  uint64_t variable;
  uint64_t order;  // a number that goes up through the launch
  uint32_t code, epoch, clock, thread;
};
struct Slot {  // the last operation of a thread, or of any thread of a block, on a variable; a table that forgets when
               // two fall on one place
  uint64_t who;
  Synchronisation operation;
};
struct Poll {
  const void *code;
  const char *address;
  uint64_t value;
  unsigned count;
};
// The last ones that read: of each variable the last, and atomics apart from volatile reads, which may be of whole
// arrays.
struct Recent {
  Synchronisation kept[2 * RECENT];
  unsigned next[2];
  void add(const Synchronisation &operation, bool is_atomic) {
    Synchronisation *part = kept + (is_atomic ? 0 : RECENT);
    for (unsigned i = 0; i < RECENT; i++)
      if (part[i].variable == operation.variable) {
        part[i] = operation;
        return;
      }
    part[next[is_atomic]++ % RECENT] = operation;
  }
};
struct ThreadWaits {
  uint64_t block_entered;  // of an earlier block: not begun
  Poll poll, long_run;
  Recent recent;
};
static std::vector<Slot> slots;
static std::vector<ThreadWaits>
    waits;  // of the current block; what others forget when they are put aside are words in a report
static uint32_t waits_block = ~0u;
static uint64_t blocks_entered;
static Recent recent_of_block;
static uint64_t operations;
static unsigned operations_left[2];  // of global and of shared memory: a kernel with more, such as a histogram, does
                                     // not use them to order anything
static std::unordered_set<const void *> polled;
struct Answer {
  const void *code;
  bool is_polled;
};
static Answer answers[64];  // the last ones, by the code's address

static bool is_polled(const void *code) {
  Answer &answer = answers[reinterpret_cast<uintptr_t>(code) / 4 % 64];
  if (answer.code != code) answer = {code, polled.count(code) > 0};
  return answer.is_polled;
}
static void note_polled(const void *code) {
  polled.insert(code);
  answers[reinterpret_cast<uintptr_t>(code) / 4 % 64] = {code, true};
}

void begin_waits() {
  waits.clear();
  slots.clear();
  operations = 0;
  operations_left[0] = 1 << 17;
  operations_left[1] = 1 << 12;
}

static ThreadWaits &waits_of(unsigned thread) {
  if (waits_block != checks.block->number || waits.empty()) {
    if (waits.size() < machine.count) waits.resize(machine.count);
    recent_of_block = {};
    waits_block = checks.block->number;
    blocks_entered++;
  }
  ThreadWaits &mine = waits[thread];
  if (mine.block_entered != blocks_entered) {
    mine = {};
    mine.block_entered = blocks_entered;
  }
  return mine;
}

static Slot &slot_of(uint64_t variable, uint64_t who) {
  if (slots.empty()) slots.resize(SLOTS);
  return slots[(variable * 0x9E3779B97F4A7C15u ^ who * 0xC2B2AE3D27D4EB4Fu) >> 20 & (SLOTS - 1)];
}

bool note_operation(const char *address, const void *code, bool shared, bool reads, bool writes) {
  unsigned &left = operations_left[shared];
  if (!left) return false;
  left--;
  const unsigned thread = current_thread();
  const Synchronisation operation = {
      variable_key(address, shared), ++operations, offset_of(code), self.epoch, self.who >> 13, thread};
  if (reads) {
    waits_of(thread).recent.add(operation, writes);
    recent_of_block.add(operation, writes);
  }
  if (!writes) return true;
  const uint64_t block = uint64_t(checks.block->number) << 11;
  slot_of(operation.variable, block) = {block, operation};
  slot_of(operation.variable, block | (thread + 1)) = {block | (thread + 1), operation};
  return true;
}

bool keeps_operations(bool shared) { return operations_left[shared]; }

static bool is_behind(const Synchronisation &done, const Entry &entry) {
  if (entry.epoch != done.epoch) return entry.epoch < done.epoch;
  if (done.thread == entry.thread()) return entry.clock() <= done.clock;
  const bool same_warp = done.thread / WARP == entry.thread() / WARP && entry.epoch == checks.block->epoch;
  return same_warp && warp_knows(*checks.block, done.thread, entry.thread(), entry.clock());
}

// The operation behind an earlier access that one of the running thread's has seen, if there are such; `seen_by` gets
// the latter.
static const Synchronisation *operation_between(const Entry &entry, unsigned thread, uint64_t own_variable,
                                                const Synchronisation **seen_by) {
  if (slots.empty() || entry.epoch < checks.launch_epoch) return nullptr;
  const uint64_t block = uint64_t(checks.block_of_epoch[entry.epoch]) << 11;
  const ThreadWaits &mine = waits_of(thread);
  for (unsigned i = 0; i < 4 * RECENT; i++) {
    const bool own = i < 2 * RECENT;
    const Synchronisation &seen = own ? mine.recent.kept[i] : recent_of_block.kept[i - 2 * RECENT];
    if (!seen.order || seen.variable == own_variable || (!own && seen.epoch >= self.epoch)) continue;
    for (const uint64_t who : {block | (entry.thread() + 1), block}) {
      const Slot &slot = slot_of(seen.variable, who);
      const Synchronisation &done = slot.operation;
      if (slot.who != who || done.variable != seen.variable || done.order >= seen.order) continue;
      if (!is_behind(done, entry)) continue;
      *seen_by = &seen;
      return &done;
    }
  }
  return nullptr;
}

static bool is_read(int access) { return access == READ || access == VOLATILE_READ; }

// Whether an earlier strong access to a variable was seen by one of the running thread (or its block) to that same
// variable: what the thread does to the variable now comes later in the variable's own order, such as the last block's
// `count = 0`.
bool seen_by_own(const Entry &entry, unsigned thread, const char *address, bool shared, int access) {
  if (slots.empty() || entry.epoch < checks.launch_epoch || entry.access() < ATOMIC) return false;
  const uint64_t variable = variable_key(address, shared),
                 who = uint64_t(checks.block_of_epoch[entry.epoch]) << 11 | (entry.thread() + 1);
  const Slot &slot = slot_of(variable, who);
  if (slot.who != who || slot.operation.variable != variable) return false;
  const ThreadWaits &mine = waits_of(thread);
  for (unsigned i = 0; i < 4 * RECENT; i++) {
    const bool own = i < 2 * RECENT;
    const Synchronisation &seen = own ? mine.recent.kept[i] : recent_of_block.kept[i - 2 * RECENT];
    if (!seen.order || seen.variable != variable) continue;
    if (access >= ATOMIC && seen.order == operations) continue;  // this access itself
    if (slot.operation.order < seen.order && (own || seen.epoch < self.epoch)) return true;
  }
  return false;
}

// Two volatile or atomic accesses are no data race. But a block that relies on volatile data without a barrier, or a
// fence that is missing in a chain of atomics, is a mistake; a flag that is polled is none.
bool matters_though_strong(const Entry &entry, unsigned thread, const Where &where, const char *address, size_t size,
                           int access, const void *code) {
  const bool shared = where.space != GLOBAL;
  const uint32_t block = checks.block_of_epoch[entry.epoch];
  if (entry.epoch < checks.launch_epoch) return false;
  if (block != checks.block->number) {
    const Synchronisation *seen_by;
    return !is_read(int(entry.access())) &&
           operation_between(entry, thread, variable_key(address, shared), &seen_by) != nullptr;
  }
  if (!is_read(int(entry.access())) && !is_read(access)) return true;  // whichever write comes last stays
  if (is_released(address, shared) || is_polled(code_at(entry.code())) || is_polled(code)) return false;
  if (is_read(access) &&
      where.space ==
          STATIC_SHARED) {  // a variable alone is a flag: whether it is polled shows when the read comes first
    const Region &variable =
        checks.shared_variables[checks.variable_at[size_t(address - machine.launch->static_shared)] - 1];
    return variable.size != size;
  }
  return true;
}

int find_advice(const Entry &entry, unsigned thread, const char *address, bool shared, int access, const void *code,
                const void **between) {
  const Synchronisation *seen_by;
  const Synchronisation *done = operation_between(entry, thread, variable_key(address, shared), &seen_by);
  if (done) {
    const bool fenced = known_to_be_before(entry, thread, true);
    *between = code_at(fenced ? seen_by->code : done->code);
    return fenced ? FENCE_AFTER : FENCE_BEFORE;
  }
  const bool plain_flag =
      (entry.access() == READ && is_polled(code_at(entry.code()))) || (access == READ && is_polled(code));
  return plain_flag ? PLAIN_FLAG : NONE;
}

static uint64_t value_at(const char *address, size_t size) {
  const auto read = [address](auto value) {
    memcpy(&value, address, sizeof value);
    return uint64_t(value);
  };
  if (size == 4) return read(uint32_t());
  if (size >= 8) return read(uint64_t());
  return size == 2 ? read(uint16_t()) : read(uint8_t());
}

// Whether the thread's last atomic or volatile access was another one; keeps this one.
bool polls_elsewhere(const char *address, size_t size, int access, const void *code) {
  Poll &poll = waits_of(current_thread()).poll;
  if (poll.code == code && poll.address == address) return false;
  poll = {code, address, value_at(address, size), 1};
  machine.progress += access != VOLATILE_READ && !is_polled(code);  // one that is known to be polled is none
  return true;
}

// A thread that reads the same variable again and again waits for another one.
void note_poll(const char *address, size_t size, int access, const void *code) {
  if (polls_elsewhere(address, size, access, code)) return;
  Poll &poll = waits_of(current_thread()).poll;
  const uint64_t value = value_at(address, size);
  if (poll.value != value) machine.progress++;
  poll.value = value;
  if (++poll.count == 2 && access != VOLATILE_WRITE) note_polled(code);
  if (poll.count % POLLS_IN_A_TURN == 0) pause(code);
}

// Looked at twice in a row now and then: a thread that is at the same address waits there.
void note_long_run(const char *address, const void *code, bool again) {
  Poll &run = waits_of(current_thread()).long_run;
  if (again && run.code == code && run.address == address) note_polled(code);
  run = {code, address, 0, 1};
}

}  // namespace emulator
