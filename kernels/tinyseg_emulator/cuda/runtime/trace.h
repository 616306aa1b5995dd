// What a traced launch keeps of each access and each wait; cuda/tracing.py has the same layout in ctypes.
#pragma once
#include <cstddef>
#include <cstdint>

#include "../include/runtime_interface.h"

namespace emulator {

// Kinds of events: READ, WRITE and ATOMIC of Access, then waits. A warp-wide operation is WARP_WAIT plus its Operation.
// A barrier of the grid is one of the block whose size is 1.
enum TraceKind : int { BLOCK_WAIT = 3, WARP_WAIT = 4 };

struct TraceEvent {
  unsigned thread;  // its number in the block
  int kind, size, line, readable;
  const char *file;  // of a wait
  const void *code;  // of an access: where its hook returns to
  const void *address;
  unsigned char before[16], after[16];  // the bytes there before the access, and after a write
};

struct TracedBlock {
  uint3 index;
  int kept;
  uint64_t left_out, count;
  const TraceEvent *events;
};

extern bool tracing;

void trace_access(const void *address, size_t size, int kind, const void *code, bool readable);
void trace_wait(int what, const char *file, int line, bool of_grid = false);

}  // namespace emulator
