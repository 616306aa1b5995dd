// Runs a grid: memory for stacks and shared memory, the loop over blocks, and the way out when a kernel fails.
#include "machine.h"

#include <pthread.h>
#include <sys/mman.h>
#include <ucontext.h>

#include <csignal>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace emulator {

Machine machine;

void fail(const Site &site, const void *code, const char *format, ...) {
  Failure &failure = *machine.failure;
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(failure.text, sizeof failure.text, format, arguments);
  va_end(arguments);
  failure.failed = 1;
  failure.line = site.line;
  snprintf(failure.file, sizeof failure.file, "%s", site.file ? site.file : "");
  failure.block = tinyseg_block_index;
  failure.thread = tinyseg_thread_index;
  failure.code = code;
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

void allocate() {
  if (machine.stacks) return;
  machine.stacks = map_memory(MAX_THREADS * STACK);
  for (unsigned i = 0; i < MAX_THREADS; i++) {  // a page without access under each stack: an overflow faults
    machine.workers[i].stack = machine.stacks + i * STACK;
    mprotect(machine.workers[i].stack, PAGE, PROT_NONE);
  }
  // Dynamic shared memory ends at a page without access, so that a kernel which uses more than it was launched with faults.
  const size_t size = (MAX_DYNAMIC_SHARED + PAGE - 1) / PAGE * PAGE;
  char *memory = map_memory(size + 2 * PAGE);
  mprotect(memory, PAGE, PROT_NONE);
  machine.dynamic_end = memory + PAGE + size;
  mprotect(machine.dynamic_end, PAGE, PROT_NONE);
  reset_workers();
}

static volatile sig_atomic_t running;
static pthread_t running_thread;
static const int SIGNALS[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGTRAP};
constexpr int SIGNAL_COUNT = sizeof SIGNALS / sizeof *SIGNALS;
static struct sigaction previous[SIGNAL_COUNT];
static stack_t previous_stack;
static char signal_stack[64 << 10];

static const void *program_counter(void *context) {
#if defined(__x86_64__)
  return reinterpret_cast<const void *>(static_cast<ucontext_t *>(context)->uc_mcontext.gregs[REG_RIP]);
#elif defined(__aarch64__)
  return reinterpret_cast<const void *>(static_cast<ucontext_t *>(context)->uc_mcontext.pc);
#else
  (void)context;
  return nullptr;
#endif
}

static void on_signal(int number, siginfo_t *information, void *context) {
  if (!running || !pthread_equal(running_thread, pthread_self())) {  // somebody else's fault: let it have its usual end
    for (int i = 0; i < SIGNAL_COUNT; i++)
      if (SIGNALS[i] == number) sigaction(number, &previous[i], nullptr);
    return;
  }
  const void *code = program_counter(context);
  const char *address = static_cast<const char *>(information->si_addr);
  const Site nowhere = {nullptr, 0};
  if (number == SIGFPE) fail(nowhere, code, "integer division by zero (or an overflow of it)");
  if (number == SIGABRT) fail(nowhere, code, "abort: a failed assert");
  if (number == SIGILL || number == SIGTRAP) fail(nowhere, code, "__trap, or an instruction that this processor lacks");
  if (address >= machine.stacks && address < machine.stacks + MAX_THREADS * STACK)
    fail(nowhere, code, "stack overflow: a thread's local variables exceed %zu KB", (STACK - PAGE) >> 10);
  if (address >= machine.dynamic_end && address < machine.dynamic_end + PAGE)
    fail(nowhere, code, "out of bounds: byte %td of dynamic shared memory, which has %zu bytes", address - machine.dynamic_shared,
         machine.launch->dynamic_shared);
  fail(nowhere, code, "invalid memory access at address %p", static_cast<const void *>(address));
}

void catch_signals() {
  stack_t stack = {};
  stack.ss_sp = signal_stack;
  stack.ss_size = sizeof signal_stack;
  sigaltstack(&stack, &previous_stack);
  struct sigaction action = {};
  action.sa_sigaction = on_signal;
  action.sa_flags = SA_SIGINFO | SA_ONSTACK;
  running_thread = pthread_self();
  running = 1;
  for (int i = 0; i < SIGNAL_COUNT; i++) sigaction(SIGNALS[i], &action, &previous[i]);
}

void restore_signals() {
  running = 0;
  for (int i = 0; i < SIGNAL_COUNT; i++) sigaction(SIGNALS[i], &previous[i], nullptr);
  sigaltstack(&previous_stack, nullptr);
}

static void fill_shared(const Launch &launch) {  // all bits set: NaN as a float, -1 as an integer
  if (launch.static_shared_size) memset(launch.static_shared, 0xFF, launch.static_shared_size);
  if (launch.dynamic_shared) memset(machine.dynamic_shared, 0xFF, size_t(machine.dynamic_end - machine.dynamic_shared));
}

static void run_grid(const Launch &launch) {
  const uint64_t x = launch.grid[0], y = launch.grid[1], blocks = x * y * launch.grid[2];
  const uint64_t shift = launch.order < 2 ? 0 : uint64_t(launch.order - 2) % blocks;
  for (uint64_t i = 0; i < blocks; i++) {
    const uint64_t block = launch.order == 1 ? blocks - 1 - i : (i + shift) % blocks;
    tinyseg_block_index = {unsigned(block % x), unsigned(block / x % y), unsigned(block / (x * y))};
    fill_shared(launch);
    checks_begin_block();
    run_block();
  }
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
  for (unsigned i = 0; i < machine.count; i++)
    machine.threads[i].index = {i % launch->block[0], i / launch->block[0] % launch->block[1], i / (launch->block[0] * launch->block[1])};
  catch_signals();
  if (sigsetjmp(machine.escape, 1) == 0) run_grid(*launch);
  else reset_workers();
  restore_signals();
  return failure->failed;
}
