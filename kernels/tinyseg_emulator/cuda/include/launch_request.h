// What a launch of a whole program tells the runtime: between the compiled program and
// ../program/runtime/launching.cpp.
#pragma once
#include "cuda_runtime_api.h"

namespace emulator {

// What stands between <<< and >>>, and where.
struct Config {
  dim3 grid, block;
  size_t shared;
  cudaStream_t stream;
  const char* file;
  int line;
  bool cooperative = false;
  unsigned most_threads = 1024;  // what __launch_bounds__ promises
  Config(dim3 grid, dim3 block, size_t shared = 0, cudaStream_t stream = nullptr, TINYSEG_SITE)
      : grid(grid), block(block), shared(shared), stream(stream), file(file), line(line) {}
  Config bounded(unsigned threads) const {
    Config other = *this;
    other.most_threads = threads;
    return other;
  }
};

// A launch as the runtime is asked for it. arguments[0] is what `run` calls, the parameters are behind it.
struct Request {
  const char *kernel, *signature;
  void (*run)(void**);
  void** arguments;
  int count;
  const void* function;  // the kernel's address, null where it is not known
  const Config* config;
};

// The memory that holds the parameters of a launch: threads may read it.
class Parameters {
 public:
  Parameters();
  void* take(size_t size, size_t alignment);
};
}  // namespace emulator

cudaError_t tinyseg_launch_kernel(const emulator::Request* request);
