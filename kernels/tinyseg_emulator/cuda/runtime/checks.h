// The checks of a launch: where its memory lies, what is known of each word, what was found, and how warps used the
// memory.
#pragma once
#include <cstdint>
#include <memory>
#include <unordered_map>
#include <vector>

#include "machine.h"

namespace emulator {

enum Check : int { RACES = 1, BOUNDS = 2, UNINITIALISED = 4, MEMORY_USE = 8, FOOTPRINT = 16 };
enum Space : int { LOCAL, STATIC_SHARED, DYNAMIC_SHARED, GLOBAL, NOWHERE };
enum Kind : int { RACE, UNINITIALISED_READ };
// What would order the two sides of a race: a fence between an access and the atomic (or volatile write) behind it, or
// one between an atomic and the access behind it; or a flag that is read in a loop must be volatile or atomic.
enum Advice : int { NONE, FENCE_BEFORE, FENCE_AFTER, PLAIN_FLAG };

// An array that the kernel may touch, as Python tells it.
struct Region {
  const char *begin;
  size_t size;
  int read_only;  // every pointer to it is a pointer to const: it cannot take part in a race
  int padding;
};

// One side of a finding.
struct Touch {
  const void *code;  // where the call of the hook returns to: one instruction behind the access
  int access;
  uint3 block, thread;
};

// Python reads these (native.py has the same layout in ctypes). Findings of the same lines are counted, not repeated.
struct Finding {
  int kind, space, size, value_known, all_same;
  int advice;  // an Advice; of which `between` is the atomic
  uint64_t count;
  const char *address;
  const void *between;
  uint32_t first_launch, padding;
  Touch first, second;
  unsigned char before[16], after[16];  // the bytes at the address before and after the second access
};

// How the warps of a launch used memory at one instruction.
struct Use {
  const void *code;
  int space, access, size;
  uint64_t requests;      // executions by a warp
  uint64_t moved, ideal;  // shared memory: passes over the banks; global memory: sectors of 32 bytes
  double worst;           // of one request, over its ideal
  const char *address;    // one of those touched, to name the array
  uint64_t useful;        // global memory: bytes that lanes wanted, each once in a request
};

// Of an array in global memory: sectors of 32 bytes that a launch reads before it writes them, and that it writes.
struct Footprint {
  const char *begin;
  uint64_t read, written;
};

// An access as the cells keep it: 12 bytes. `epoch` is the interval between two barriers of a block, counted over all
// blocks; the clock counts a thread's own synchronisations within it, from 1 on.
struct Entry {
  uint32_t
      code_mask;   // distance from the start of the kernel file's code, and in the upper 4 bits which bytes of the word
  uint32_t who;    // thread: 10 bits, access: 3, clock: 19
  uint32_t epoch;  // 0: no entry
  unsigned thread() const { return who & 1023; }
  unsigned access() const { return who >> 10 & 7; }
  unsigned clock() const { return who >> 13; }
  uint32_t code() const { return code_mask & ((1u << 28) - 1); }
};
constexpr uint32_t LARGEST_CLOCK = (1u << 19) - 1;  // later accesses of a thread within one epoch count as of this one
// What a word of four bytes of global memory remembers. Nearly all words are touched by few instructions; further
// entries lie elsewhere.
constexpr uint8_t ANY_WARP = 255;
constexpr int NEAR_ENTRIES = 2, FAR_ENTRIES = 4, SHARED_ENTRIES = 6;
struct Cell {
  Entry entries[NEAR_ENTRIES];
  uint32_t more;  // 1 + number of a FarCell
};
struct FarCell {
  Entry entries[FAR_ENTRIES];
};
// And a word of shared memory. A barrier of the block orders all that was before, so only the accesses since the last
// one matter.
struct SharedCell {
  uint32_t epoch;
  uint8_t written, count;  // written: these bytes, by this block
  // An access by the instruction `quiet` in this warp (ANY_WARP: in each) changes nothing any more, unless its thread
  // has synchronised since the last barrier of the block: a read, or an atomic where there are atomics only.
  uint8_t quiet_warp, quiet_access;
  uint32_t quiet;  // 0: none
  Entry entries[SHARED_ENTRIES];
};

// A stretch of memory that a kernel may touch: regions that overlap are one.
struct Extent {
  const char *begin;
  size_t size;
  Cell *cells;  // one for each word, none when the extent is read only
};

struct Where {
  Space space;
  const char *base;
  Cell *cell;               // of the first word: of global memory ...
  SharedCell *shared_cell;  // ... or of shared memory
};

struct BlockOrder;
// The checks' state of a block.
struct BlockChecks {
  uint32_t epoch = 0, first_epoch = 0, number = 0;
  bool ordered_within = false;           // whether anything but the program's order orders accesses of this epoch
  uint32_t warp_epochs[MAX_WARPS] = {};  // the epoch that a warp's clocks are of
  std::unique_ptr<uint32_t[]>
      clocks;  // [warp][lane][other]: how many of the other's synchronisations this lane knows; made when first needed
  uint8_t unfenced[MAX_THREADS] = {};  // threads that have written global memory since their last fence
  BlockOrder *order = nullptr;         // made at the first fence, atomic or volatile access
  std::vector<SharedCell> cells;       // of static shared memory, then of dynamic
};

struct Checks {
  std::vector<Region> shared_variables;
  std::vector<uint16_t> variable_at;  // for each byte of static shared memory: 1 + number of the variable, 0 for none
  std::vector<Extent> extents;        // sorted by address
  std::vector<Finding> findings;
  std::unordered_map<uint64_t, size_t> finding_of;  // by the pair of lines
  std::vector<Use> uses;
  std::vector<uint32_t> block_of_epoch;
  uint64_t steps;           // accesses before the countdown was set
  uint32_t epoch;           // the last that was given out
  uint32_t launch_epoch;    // the first of this launch
  uint32_t ordered_before;  // all of an earlier epoch is ordered before what happens now
  int active;               // a set of Check
  BlockChecks *block;
};

extern TINYSEG_OWN Checks checks;
constexpr int64_t COUNTDOWN = 1 << 17;  // accesses between two looks at the limits
constexpr int64_t NEXT_LOOK =
    60;  // and to a second look at what may be a loop that waits: a multiple of what small loops access
extern TINYSEG_OWN int64_t countdown, last_countdown;

// The thread that runs now, as an access needs it.
struct Self {
  const char *stack;
  uint32_t who, epoch;  // who: thread and clock, as in an Entry
};
extern TINYSEG_OWN Self self;

static inline const void *code_at(uint32_t offset) { return machine.code_begin + offset; }
static inline uint32_t offset_of(const void *code) {
  return uint32_t(static_cast<const char *>(code) - machine.code_begin) & ((1u << 28) - 1);
}
static inline unsigned current_thread() { return self.who % MAX_THREADS; }

// memory.cpp
void begin_memory(const Region *regions, int count, bool keep);
Where locate(const char *address, size_t size, const void *code);
// races.cpp
void begin_races(bool keep);
void note_race_access(const Where &where, const char *address, size_t size, int access, uint32_t code);
void note_guesses(const Where &where);
// clocks.cpp
uint32_t &own_clock(BlockChecks &block, unsigned thread);  // made when it is not there
uint32_t clock_of(const BlockChecks &block, unsigned thread);
void count_synchronisation(unsigned thread);
void sync_warp_clocks(unsigned base, unsigned mask);
bool warp_knows(const BlockChecks &block, unsigned thread, unsigned other, uint32_t clock);
// orders.cpp
void begin_orders();
void end_order(BlockChecks &block);
bool known_to_be_before(const Entry &entry, unsigned thread, bool strong);
bool is_released(const char *address, bool shared);
void order_block_barrier(BlockChecks &block);
void order_warp_barrier(unsigned base, unsigned mask);
void note_fence(int scope);
bool orders_nothing(bool shared);
bool note_synchronising(const char *address, int kind, const void *code,
                        bool shared);  // whether the thread's clock must go on behind it
// waits.cpp
void begin_waits();
bool matters_though_strong(const Entry &entry, unsigned thread, const Where &where, const char *address, size_t size,
                           int access, const void *code);
int find_advice(const Entry &entry, unsigned thread, const char *address, bool shared, int access, const void *code,
                const void **between);
bool note_operation(const char *address, const void *code, bool shared, bool reads,
                    bool writes);  // false: no more are kept
bool keeps_operations(bool shared);
bool polls_elsewhere(const char *address, size_t size, int access, const void *code);
void note_poll(const char *address, size_t size, int access, const void *code);
void note_long_run(const char *address, const void *code, bool again);
bool seen_by_own(const Entry &entry, unsigned thread, const char *address, bool shared, int access);
// launches.cpp
void begin_launch_record(const Launch &launch);
uint32_t launch_of(uint32_t epoch);
uint3 block_index_of(uint32_t epoch);
uint3 thread_index_of(const Entry &entry);
const void *code_of(const Entry &entry);
bool launch_is_before(uint32_t epoch);
// findings.cpp
extern TINYSEG_OWN bool values_pending;
void begin_findings();
void finish_values();  // complete the finding whose second access has happened by now
void report_race(const Entry &entry, const Where &where, const char *address, size_t size, int access, const void *code,
                 unsigned thread);
void note_guess(const void *code);
void drop_guesses();
void report_uninitialised(const Where &where, const char *address, size_t size, int access, const void *code,
                          unsigned thread);
// memory_use.cpp
void note_use(const Where &where, const char *address, size_t size, int access, uint32_t code);
void flush_uses();
void collect_uses();
// footprint.cpp
void begin_footprint();
void note_footprint(const char *base, const char *address, size_t size, int access);
void collect_footprint();

}  // namespace emulator
