// The checks of a launch: where its memory lies, what was found, and how warps used the memory.
#pragma once
#include <cstdint>
#include <unordered_map>
#include <vector>

#include "machine.h"

namespace emulator {

enum Check : int { RACES = 1, BOUNDS = 2, UNINITIALISED = 4, MEMORY_USE = 8 };
enum Space : int { LOCAL, STATIC_SHARED, DYNAMIC_SHARED, GLOBAL, NOWHERE };
enum Kind : int { RACE, UNINITIALISED_READ };

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
  uint64_t count;
  const char *address;
  Touch first, second;
  unsigned char before[16], after[16];  // the bytes at the address before and after the second access
};

// How the warps of a launch used memory at one instruction.
struct Use {
  const void *code;
  int space, access, size;
  uint64_t requests;   // executions by a warp
  uint64_t moved, ideal;  // shared memory: passes over the banks; global memory: sectors of 32 bytes
  double worst;           // of one request, over its ideal
  const char *address;    // one of those touched, to name the array
};

struct Where {
  Space space;
  const Region *region;
  const char *base;
};

struct Checks {
  std::vector<Region> regions;  // sorted by address
  std::vector<Region> shared_variables;
  std::vector<Finding> findings;
  std::unordered_map<uint64_t, size_t> finding_of;  // by the pair of lines
  std::vector<Use> uses;
  uint64_t accesses;
  uint32_t epoch, block;  // the interval between two barriers, and the block, both counted over the launch
  int active;             // a set of Check
  const Region *last_region;
};

extern Checks checks;

Where locate(const char *address, size_t size);
void note_race_access(const Where &where, const char *address, size_t size, int access, const void *code);
void note_use(const Where &where, const char *address, size_t size, int access, const void *code);
void finish_values();                // complete the finding whose second access has happened by now
void begin_races();
void sync_warp_clocks(unsigned base, unsigned mask);
void flush_uses();
void collect_uses();

}  // namespace emulator
