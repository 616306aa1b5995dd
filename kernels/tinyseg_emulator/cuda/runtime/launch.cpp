// Runs a launch: memory for stacks and shared memory, and the way out when a kernel fails.
#include "machine.h"

#include <link.h>
#include <sys/mman.h>

#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace emulator {

Machine machine;

static void write_failure(const Site &site, const void *code) {
  Failure &failure = *machine.failure;
  failure.failed = 1;
  failure.line = site.line;
  snprintf(failure.file, sizeof failure.file, "%s", site.file ? site.file : "");
  failure.block = tinyseg_block_index;
  failure.thread = tinyseg_thread_index;
  failure.code = code;
}

void fail(const Site &site, const void *code, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(machine.failure->text, sizeof machine.failure->text, format, arguments);
  va_end(arguments);
  write_failure(site, code);
  siglongjmp(machine.escape, 1);
}

static void note_stand(const Block &block, const Thread &thread, const void *code) {
  const bool waits = thread.state == AT_BARRIER || thread.state == AT_WARP || thread.state == AT_GRID;
  for (Stand &stand : machine.stands) {
    if (stand.state != thread.state) continue;
    if (waits ? stand.line != thread.site.line || strcmp(stand.file, thread.site.file) : stand.code != code) continue;
    stand.threads++;
    return;
  }
  if (machine.stands.size() >= 64) return;
  machine.stands.push_back({thread.state, waits ? thread.site.line : 0, waits ? thread.site.file : nullptr,
                            waits ? nullptr : code, 1, block.index, thread.index});
}

void end_launch(int ending, const void *code) {
  machine.stop = 0;
  machine.stands.clear();
  for (const Block *block : machine.alive)
    for (unsigned i = 0; i < machine.count; i++) {
      const Thread &thread = block->threads[i];
      if (thread.state != DONE && thread.state != NEW)
        note_stand(*block, thread, &thread == machine.current && code ? code : thread.code);
    }
  machine.failure->ending = ending;
  machine.failure->text[0] = 0;
  write_failure({nullptr, 0}, code);
  siglongjmp(machine.escape, 1);
}

static char *map_memory(size_t size) {
  void *memory = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (memory == MAP_FAILED) {
    perror("tinyseg emulator: no memory for the stacks of a block");
    abort();
  }
  return static_cast<char *>(memory);
}

static Worker workers[ALIVE_THREADS];

static void add_stacks() {
  char *stacks = map_memory(MAX_THREADS * STACK);
  Worker *first = workers + machine.stack_groups * MAX_THREADS;
  for (unsigned i = MAX_THREADS; i-- > 0;) {
    first[i].stack = stacks + i * STACK;
    first[i].top = STACK - i % TOPS * (PAGE / TOPS);
    mprotect(first[i].stack, PAGE, PROT_NONE);  // a page without access under each stack: an overflow faults
    machine.free_workers.push_back(first + i);
  }
  machine.stacks[machine.stack_groups++] = stacks;
}

Worker *take_worker() {
  if (machine.free_workers.empty()) add_stacks();
  Worker *worker = machine.free_workers.back();
  machine.free_workers.pop_back();
  return worker;
}

void free_worker(Worker *worker) { machine.free_workers.push_back(worker); }

void forget_workers() {
  machine.free_workers.clear();
  for (unsigned i = machine.stack_groups * MAX_THREADS; i-- > 0;) {
    workers[i].made = false;
    machine.free_workers.push_back(&workers[i]);
  }
}

void allocate() {
  if (machine.dynamic_end) return;
  machine.free_workers.reserve(ALIVE_THREADS);
  add_stacks();
  // Dynamic shared memory ends at a page without access, so that a kernel which uses more than it was launched with
  // faults.
  const size_t size = (MAX_DYNAMIC_SHARED + PAGE - 1) / PAGE * PAGE;
  char *memory = map_memory(size + 2 * PAGE);
  mprotect(memory, PAGE, PROT_NONE);
  machine.dynamic_end = memory + PAGE + size;
  mprotect(machine.dynamic_end, PAGE, PROT_NONE);
}

// Where the code of the library lies that a function is in.
void find_code(const void *function) {
  if (function >= machine.code_begin && function < machine.code_end) return;
  machine.code_begin = machine.code_end = nullptr;
  dl_iterate_phdr(
      [](dl_phdr_info *library, size_t, void *wanted) {
        for (int i = 0; i < library->dlpi_phnum; i++) {
          const auto &segment = library->dlpi_phdr[i];
          if (segment.p_type != PT_LOAD || !(segment.p_flags & PF_X)) continue;
          const char *begin = reinterpret_cast<const char *>(library->dlpi_addr + segment.p_vaddr);
          if (wanted < begin || wanted >= begin + segment.p_memsz) continue;
          machine.code_begin = begin;
          machine.code_end = begin + segment.p_memsz;
          return 1;
        }
        return 0;
      },
      const_cast<void *>(function));
}

}  // namespace emulator

using namespace emulator;

extern "C" void tinyseg_fail(const char *what, const char *file, int line) { fail({file, line}, nullptr, "%s", what); }

// Where dynamic shared memory of a size begins: as close to its end as the alignment allows.
extern "C" char *tinyseg_dynamic_begin(size_t size) {
  allocate();
  return machine.dynamic_end - (size + 15) / 16 * 16;
}

// Runs a grid that Python has checked; returns 0, or 1 with `failure` filled in.
extern "C" int tinyseg_launch(Launch *launch, Failure *failure) {
  allocate();
  machine.launch = launch;
  machine.failure = failure;
  *failure = {};
  machine.count = launch->block[0] * launch->block[1] * launch->block[2];
  machine.dynamic_shared = tinyseg_dynamic_begin(launch->dynamic_shared);
  tinyseg_block_dim = dim3(launch->block[0], launch->block[1], launch->block[2]);
  tinyseg_grid_dim = dim3(launch->grid[0], launch->grid[1], launch->grid[2]);
  find_code(reinterpret_cast<const void *>(launch->run));
  catch_signals();
  if (sigsetjmp(machine.escape, 1) == 0) run_grid();
  else forget_workers();
  restore_signals();
  return failure->failed;
}

// Where the threads stood when the last launch was ended, and how many blocks had not begun.
extern "C" int tinyseg_stand_count() { return int(machine.stands.size()); }
extern "C" const Stand *tinyseg_stands() { return machine.stands.data(); }
extern "C" uint64_t tinyseg_waiting_blocks() { return machine.blocks - machine.begun; }
