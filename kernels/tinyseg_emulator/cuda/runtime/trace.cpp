// Writes down what the threads of some blocks do: each access to global or shared memory, and each wait at a barrier
// (cuda/tracing.py reads it). Of a launch of many blocks, the first is kept and those that findings are about; the
// others make room when there are too many.
#include "trace.h"

#include <cstring>
#include <map>
#include <vector>

#include "checks.h"

namespace emulator {

struct BlockTrace {
  uint3 index;
  bool kept;  // the first block, or one that a finding is about
  uint64_t left_out;
  std::vector<TraceEvent> events;
};
bool tracing;
struct Trace {
  bool chosen;
  uint3 wanted;
  uint64_t limit, stored, blocks_seen;  // limit: events of one block; four times as many are stored in all
  size_t findings_seen;
  std::map<uint64_t, BlockTrace> blocks;
  BlockTrace *current, *pending;  // pending: whose last event is a write, which happens right after it was noted
};
static Trace trace;

static uint64_t number_of_block(const uint3 &block) {
  return block.x + uint64_t(tinyseg_grid_dim.x) * (block.y + uint64_t(tinyseg_grid_dim.y) * block.z);
}
static bool equal_index(const uint3 &a, const uint3 &b) { return a.x == b.x && a.y == b.y && a.z == b.z; }

static void finish_write() {
  if (!trace.pending) return;
  TraceEvent &event = trace.pending->events.back();
  memcpy(event.after, event.address, size_t(event.size));
  trace.pending = nullptr;
}

static void keep(const uint3 &block) {
  auto found = trace.blocks.find(number_of_block(block));
  if (found != trace.blocks.end()) found->second.kept = true;
}

static void look_at_findings() {
  for (; trace.findings_seen < checks.findings.size(); trace.findings_seen++) {
    keep(checks.findings[trace.findings_seen].first.block);
    keep(checks.findings[trace.findings_seen].second.block);
  }
}

static void make_room() {
  for (auto it = trace.blocks.begin(); it != trace.blocks.end() && trace.stored > trace.limit * 4;) {
    if (it->second.kept || &it->second == trace.current) {
      ++it;
      continue;
    }
    trace.stored -= it->second.events.size();
    it = trace.blocks.erase(it);
  }
}

static BlockTrace *block_now() {
  const uint3 index = tinyseg_block_index;
  if (trace.chosen && !equal_index(index, trace.wanted)) return nullptr;
  if (trace.current && equal_index(trace.current->index, index)) return trace.current;
  auto [place, is_new] = trace.blocks.try_emplace(number_of_block(index));
  trace.current = &place->second;
  if (is_new) {
    trace.current->index = index;
    trace.current->kept = trace.chosen || trace.blocks_seen == 0;
    trace.blocks_seen++;
    make_room();
  }
  return trace.current;
}

static TraceEvent *new_event() {
  finish_write();
  look_at_findings();
  BlockTrace *block = block_now();
  if (!block) return nullptr;
  if (block->events.size() >= trace.limit || trace.stored > trace.limit * 5) {
    block->left_out++;
    return nullptr;
  }
  trace.stored++;
  block->events.emplace_back();
  const uint3 thread = tinyseg_thread_index;
  block->events.back().thread = thread.x + tinyseg_block_dim.x * (thread.y + tinyseg_block_dim.y * thread.z);
  return &block->events.back();
}

void trace_access(const void *address, size_t size, int kind, const void *code, bool readable) {
  TraceEvent *event = new_event();
  if (!event) return;
  event->kind = kind == VOLATILE_READ ? int(READ) : kind == VOLATILE_WRITE ? int(WRITE) : kind;
  event->size = int(size);
  event->code = code;
  event->address = address;
  event->readable = readable && size <= sizeof event->before;
  if (!event->readable) return;
  memcpy(event->before, address, size);
  if (event->kind != READ) trace.pending = trace.current;
}

void trace_wait(int what, const char *file, int line, bool of_grid) {
  if (!tracing) return;
  TraceEvent *event = new_event();
  if (!event) return;
  event->kind = what;
  event->file = file;
  event->line = line;
  event->size = of_grid;
}

}  // namespace emulator

using namespace emulator;

extern "C" {

void tinyseg_begin_trace(int chosen, unsigned x, unsigned y, unsigned z, uint64_t limit) {
  trace = {};
  tracing = true;
  trace.chosen = chosen != 0;
  trace.wanted = {x, y, z};
  trace.limit = limit;
}

// Ends it; returns how many blocks there are to be read.
int tinyseg_end_trace(int completed) {
  if (completed) finish_write();
  look_at_findings();
  tracing = false;
  trace.current = trace.pending = nullptr;
  return int(trace.blocks.size());
}

int tinyseg_traced_block(int number, TracedBlock *out) {
  if (number < 0 || size_t(number) >= trace.blocks.size()) return 0;
  const BlockTrace &block = std::next(trace.blocks.begin(), number)->second;
  *out = {block.index, block.kept, block.left_out, block.events.size(), block.events.data()};
  return 1;
}
}
