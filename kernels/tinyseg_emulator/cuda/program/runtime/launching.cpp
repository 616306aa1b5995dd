// A launch of the program: refused as a device refuses it, run under all checks while there is something new to see,
// else run plainly.
#include <cstdio>
#include <cstring>
#include <map>

#include "../../include/launch_request.h"
#include "../../runtime/print.h"
#include "program.h"

extern "C" int tinyseg_launch(emulator::Launch* launch, emulator::Failure* failure);

namespace program {

size_t allowed_shared(const void* kernel);
int blocks_per_multiprocessor(int threads, size_t shared);
long long accesses_left();
uint32_t blocks_checked();

constexpr int CHECKED_LAUNCHES = 3,
              STREAM_LAUNCHES = 32;  // of a kernel with the same grid and block: threads up, down and rotated
constexpr long long LAUNCH_BUDGET = 20'000'000, PROGRAM_BUDGET = 150'000'000;

struct Called {
  long long launches = 0, checked = 0, cut_blocks = 0, blocks = 0;
};
static std::map<std::string, Called> calls;  // by kernel, grid and block
static std::map<std::string, size_t> static_shared;
static long long budget = PROGRAM_BUDGET;
static char* (*anchor)();
static ptrdiff_t anchor_offset;
static size_t shared_size;
static void (*checked_launch)(const emulator::Request*, emulator::Launch*, emulator::Failure*);
static void (*failed_launch)(const emulator::Request*, emulator::Launch*, emulator::Failure*);
bool in_launch;
const char* launched_kernel = "";

static std::string shape(dim3 d) {
  return "(" + std::to_string(d.x) + ", " + std::to_string(d.y) + ", " + std::to_string(d.z) + ")";
}

static std::string bare_name(const std::string& name) {
  const std::string before = name.substr(0, name.find('<'));
  const size_t colon = before.rfind(':');
  return colon == std::string::npos ? before : before.substr(colon + 1);
}

// Why a device refuses the launch, and the error that it gives.
static cudaError_t refused(const emulator::Request& request, std::string& why) {
  const emulator::Config& config = *request.config;
  const dim3 g = config.grid, b = config.block;
  const unsigned long long threads = 1ull * b.x * b.y * b.z;
  const size_t fixed = static_shared[bare_name(request.kernel)],
               most = request.function ? allowed_shared(request.function) : 227 << 10;
  if (!g.x || !g.y || !g.z || !threads)
    why = "expected at least 1 block and 1 thread along each axis";
  else if (threads > 1024)
    why = "expected at most 1024 threads in a block, got " + std::to_string(threads);
  else if (b.z > 64)
    why = "expected at most 64 threads along z";
  else if (g.x > 2147483647u || g.y > 65535 || g.z > 65535)
    why = "expected a grid of at most (2147483647, 65535, 65535) blocks";
  if (!why.empty()) return why += ": grid " + shape(g) + ", block " + shape(b), cudaErrorInvalidConfiguration;
  if (threads > config.most_threads) {
    why = "the kernel's __launch_bounds__ allows at most " + std::to_string(config.most_threads) +
          " threads in a block, got " + std::to_string(threads);
    return cudaErrorInvalidValue;
  }
  if (fixed + config.shared > most) {
    why = std::to_string(fixed) + " static and " + std::to_string(config.shared) +
          " dynamic bytes of shared memory; a block has " + std::to_string(most) +
          (most < (227 << 10) ? " unless cudaFuncSetAttribute allows it more" : "");
    return cudaErrorInvalidValue;
  }
  if (config.cooperative &&
      1ull * g.x * g.y * g.z > 132ull * unsigned(blocks_per_multiprocessor(int(threads), fixed + config.shared))) {
    why = "more blocks than the device can hold at once: grid " + shape(g);
    return cudaErrorCooperativeLaunchTooLarge;
  }
  return cudaSuccess;
}

static cudaError_t error_of(const emulator::Failure& failure) {
  const std::string text = failure.text;
  if (text.rfind("misaligned", 0) == 0) return cudaErrorMisalignedAddress;
  if (text.find("Assertion `") != std::string::npos) return cudaErrorAssert;
  if (failure.address || text.rfind("out of bounds", 0) == 0 || text.rfind("invalid memory", 0) == 0)
    return cudaErrorIllegalAddress;
  return cudaErrorLaunchFailure;
}

// What a kernel under check has touched of managed memory, by whatever way it came there, is its own until the host has
// waited. Of a launch without checks nobody knows what it touched.
static void hold_managed() {
  const std::shared_ptr<Touches> touches = end_touches();
  if (!touches) return;
  size_t count;
  const Allocation* all = tinyseg_program_allocations(&count);
  for (const Allocation* one = all; one < all + count; one++) {
    if (one->freed || one->space != MANAGED) continue;
    bool writes;
    if (touched_within(*touches, one->begin, one->size, &writes)) add_pending(one->begin, one->size, !writes, touches);
  }
}

static cudaError_t run(const emulator::Request& request, Place place) {
  const emulator::Config& config = *request.config;
  begin_operation(config.stream, std::string("kernel '") + request.kernel + "'", place);
  Called& called = calls[std::string(request.kernel) + "|" + shape(config.grid) + "|" + shape(config.block)];
  emulator::Launch launch = {};
  emulator::Failure failure = {};
  launch.run = request.run;
  launch.arguments = request.arguments;
  const unsigned grid[] = {config.grid.x, config.grid.y, config.grid.z},
                 block[] = {config.block.x, config.block.y, config.block.z};
  memcpy(launch.grid, grid, sizeof grid);
  memcpy(launch.block, block, sizeof block);
  launch.dynamic_shared = config.shared;
  launch.static_shared = anchor() - anchor_offset;
  launch.static_shared_size = shared_size;
  launch.order = int(called.launches % CHECKED_LAUNCHES);
  launch.seconds = 1e9;  // the whole program has a limit of its own
  launch.steps = UINT64_MAX;
  launch.kind = config.cooperative ? emulator::COOPERATIVE : emulator::ORDINARY;
  // Between streams each launch counts.
  const bool checked = called.launches < (several_streams() ? STREAM_LAUNCHES : CHECKED_LAUNCHES) && budget > 0;
  called.launches++;
  called.blocks = 1ll * grid[0] * grid[1] * grid[2];
  {
    Opened opened;
    in_launch = true;
    launched_kernel = request.kernel;
    if (checked) {
      const long long most = std::min(budget, LAUNCH_BUDGET);
      begin_observing(most);
      checked_launch(&request, &launch, &failure);
      end_observing();
      budget -= most - accesses_left();
      called.checked++;
      if (blocks_checked()) called.cut_blocks = blocks_checked();
    } else if (tinyseg_launch(&launch, &failure)) {
      failed_launch(&request, &launch, &failure);
    }
    in_launch = false;
    tinyseg_write_printed();
  }
  if (!checked || blocks_checked()) mark_all_written();
  hold_managed();
  apply_pending();
  if (!failure.failed) return cudaSuccess;
  make_sticky(error_of(failure));
  return sticky();
}

void end_launches() {
  for (const auto& [key, called] : calls)
    record("launches", text("kernel", key.substr(0, key.find('|'))) +
                           text("grid", key.substr(key.find('|') + 1, key.rfind('|') - key.find('|') - 1)) +
                           text("block", key.substr(key.rfind('|') + 1)) + number("launches", called.launches) +
                           number("checked", called.checked) + number("cut_blocks", called.cut_blocks) +
                           number("blocks", called.blocks));
}

}  // namespace program

using namespace program;

namespace emulator {
// Parameters lie in memory of their own, so that a read of one is known for what it is. Launches do not overlap.
constexpr size_t PARAMETERS = 64 << 10;
alignas(4096) static char parameters[PARAMETERS];
static size_t taken;
Parameters::Parameters() { taken = 0; }
void* Parameters::take(size_t size, size_t alignment) {
  taken = (taken + alignment - 1) / alignment * alignment;
  void* place = parameters + taken;
  taken += size;
  if (taken > PARAMETERS) abort();
  return place;
}
}  // namespace emulator

extern "C" {
void* tinyseg_program_parameters() { return emulator::parameters; }
void tinyseg_program_library(const char* begin, const char* end, char* (*anchor_function)(), ptrdiff_t offset,
                             size_t size, const char* shared) {
  library_begin = begin;
  library_end = end;
  anchor = anchor_function;
  anchor_offset = offset;
  shared_size = size;
  char name[512];
  unsigned long bytes;
  int length;
  for (; sscanf(shared, "%511s %lu%n", name, &bytes, &length) == 2; shared += length) static_shared[name] += bytes;
}
void tinyseg_program_callbacks(decltype(checked_launch) checked, decltype(failed_launch) failed) {
  checked_launch = checked;
  failed_launch = failed;
}
}

cudaError_t tinyseg_launch_kernel(const emulator::Request* request) {
  const Place place = {request->config->file, request->config->line};
  const std::string function = std::string("launch of '") + request->kernel + "'";
  if (in_launch)
    emulator::fail({place.file, place.line}, nullptr,
                   "a kernel launches a kernel: dynamic parallelism is not executed here");
  if (sticky()) return result(sticky(), function.c_str(), place);
  if (!known_stream(request->config->stream))
    return result(cudaErrorInvalidResourceHandle, function.c_str(), place,
                  "the stream does not exist, or was destroyed");
  std::string why;
  if (cudaError_t error = refused(*request, why)) return result(error, function.c_str(), place, why);
  return run(*request, place);
}
