// What the device tells of itself: compute capability 9.0, as the kernels here are compiled for. Of time and speed
// nothing is true.
#include <cstdio>
#include <cstring>
#include <map>

#include "program.h"

namespace program {
void reset_errors();
size_t device_memory();
constexpr int MULTIPROCESSORS = 132, THREADS = 2048, BLOCKS = 32, SHARED = 228 << 10, RESERVED = 1 << 10,
              OPT_IN = 227 << 10;
static std::map<const void*, size_t> allowed;  // dynamic shared memory that cudaFuncSetAttribute allowed

size_t allowed_shared(const void* kernel) {
  const auto found = allowed.find(kernel);
  return found == allowed.end() ? 48 << 10 : found->second;
}
int blocks_per_multiprocessor(int threads, size_t shared) {
  const int by_threads = THREADS / ((threads + 31) / 32 * 32), by_shared = int(SHARED / (shared + RESERVED));
  return std::min(BLOCKS, std::min(by_threads, by_shared));
}
static cudaError_t only_device(int device, const char* function, Place place) {
  if (device == 0) return cudaSuccess;
  return result(cudaErrorInvalidDevice, function, place,
                "there is one device, number 0, not " + std::to_string(device));
}
}  // namespace program

using namespace program;

cudaError_t cudaDeviceSynchronize(const char* file, int line) {
  if (sticky()) return result(sticky(), "cudaDeviceSynchronize", {file, line});
  wait_for_all();
  return cudaSuccess;
}
cudaError_t cudaThreadSynchronize(const char* file, int line) { return cudaDeviceSynchronize(file, line); }
cudaError_t cudaDeviceReset(const char*, int) {
  reset_streams();
  free_everything();
  reset_errors();
  return cudaSuccess;
}
cudaError_t cudaThreadExit(const char* file, int line) { return cudaDeviceReset(file, line); }
cudaError_t cudaSetDevice(int device, const char* file, int line) {
  return only_device(device, "cudaSetDevice", {file, line});
}
cudaError_t cudaGetDevice(int* device, const char*, int) { return *device = 0, cudaSuccess; }
cudaError_t cudaGetDeviceCount(int* count, const char*, int) { return *count = 1, cudaSuccess; }
cudaError_t cudaChooseDevice(int* device, const cudaDeviceProp*, const char*, int) { return *device = 0, cudaSuccess; }
cudaError_t cudaSetDeviceFlags(unsigned, const char*, int) { return cudaSuccess; }
cudaError_t cudaDriverGetVersion(int* version, const char*, int) { return *version = CUDART_VERSION, cudaSuccess; }
cudaError_t cudaRuntimeGetVersion(int* version, const char*, int) { return *version = CUDART_VERSION, cudaSuccess; }
cudaError_t cudaDeviceSetLimit(cudaLimit, size_t, const char*, int) { return cudaSuccess; }
cudaError_t cudaDeviceGetLimit(size_t* value, cudaLimit limit, const char*, int) {
  *value = limit == cudaLimitStackSize ? 1024 : limit == cudaLimitPrintfFifoSize ? 1 << 20 : 8 << 20;
  return cudaSuccess;
}
cudaError_t cudaDeviceSetCacheConfig(cudaFuncCache, const char*, int) { return cudaSuccess; }
cudaError_t cudaDeviceSetSharedMemConfig(cudaSharedMemConfig, const char*, int) { return cudaSuccess; }
cudaError_t cudaDeviceGetSharedMemConfig(cudaSharedMemConfig* config, const char*, int) {
  return *config = cudaSharedMemBankSizeFourByte, cudaSuccess;
}
cudaError_t cudaDeviceCanAccessPeer(int* can, int, int, const char*, int) { return *can = 0, cudaSuccess; }
cudaError_t cudaDeviceEnablePeerAccess(int, unsigned, const char* file, int line) {
  return result(cudaErrorInvalidDevice, "cudaDeviceEnablePeerAccess", {file, line}, "there is one device only");
}
cudaError_t cudaProfilerStart(const char*, int) { return cudaSuccess; }
cudaError_t cudaProfilerStop(const char*, int) { return cudaSuccess; }

cudaError_t cudaGetDeviceProperties(cudaDeviceProp* p, int device, const char* file, int line) {
  if (cudaError_t error = only_device(device, "cudaGetDeviceProperties", {file, line})) return error;
  memset(p, 0, sizeof *p);
  snprintf(p->name, sizeof p->name, "tinyseg emulator");
  p->totalGlobalMem = device_memory();
  p->sharedMemPerBlock = 48 << 10;
  p->regsPerBlock = p->regsPerMultiprocessor = 65536;
  p->warpSize = 32;
  p->memPitch = 2147483647;
  p->maxThreadsPerBlock = p->maxThreadsDim[0] = p->maxThreadsDim[1] = 1024;
  p->maxThreadsDim[2] = 64;
  p->maxGridSize[0] = 2147483647;
  p->maxGridSize[1] = p->maxGridSize[2] = 65535;
  p->clockRate = 1980000;
  p->totalConstMem = 65536;
  p->major = 9;
  p->textureAlignment = p->surfaceAlignment = 512;
  p->texturePitchAlignment = 32;
  p->deviceOverlap = p->canMapHostMemory = p->concurrentKernels = p->unifiedAddressing = p->streamPrioritiesSupported =
      1;
  p->globalL1CacheSupported = p->localL1CacheSupported = p->managedMemory = p->concurrentManagedAccess =
      p->cooperativeLaunch = 1;
  p->multiProcessorCount = MULTIPROCESSORS;
  p->asyncEngineCount = 3;
  p->memoryClockRate = 2619000;
  p->memoryBusWidth = 5120;
  p->l2CacheSize = 50 << 20;
  p->maxThreadsPerMultiProcessor = THREADS;
  p->sharedMemPerMultiprocessor = SHARED;
  p->sharedMemPerBlockOptin = OPT_IN;
  p->maxBlocksPerMultiProcessor = BLOCKS;
  p->reservedSharedMemPerBlock = RESERVED;
  p->singleToDoublePrecisionPerfRatio = 2;
  p->computePreemptionSupported = 1;
  return cudaSuccess;
}

cudaError_t cudaDeviceGetAttribute(int* value, cudaDeviceAttr attribute, int device, const char* file, int line) {
  cudaDeviceProp p;
  if (cudaError_t error = cudaGetDeviceProperties(&p, device, file, line)) return error;
  switch (attribute) {
    case cudaDevAttrMaxThreadsPerBlock:
    case cudaDevAttrMaxBlockDimX:
    case cudaDevAttrMaxBlockDimY:
      *value = 1024;
      break;
    case cudaDevAttrMaxBlockDimZ:
      *value = 64;
      break;
    case cudaDevAttrMaxGridDimX:
      *value = p.maxGridSize[0];
      break;
    case cudaDevAttrMaxGridDimY:
    case cudaDevAttrMaxGridDimZ:
      *value = 65535;
      break;
    case cudaDevAttrMaxSharedMemoryPerBlock:
      *value = int(p.sharedMemPerBlock);
      break;
    case cudaDevAttrTotalConstantMemory:
      *value = 65536;
      break;
    case cudaDevAttrWarpSize:
      *value = 32;
      break;
    case cudaDevAttrMaxPitch:
      *value = 2147483647;
      break;
    case cudaDevAttrMaxRegistersPerBlock:
    case cudaDevAttrMaxRegistersPerMultiprocessor:
      *value = 65536;
      break;
    case cudaDevAttrClockRate:
      *value = p.clockRate;
      break;
    case cudaDevAttrTextureAlignment:
      *value = 512;
      break;
    case cudaDevAttrMultiProcessorCount:
      *value = MULTIPROCESSORS;
      break;
    case cudaDevAttrMemoryClockRate:
      *value = p.memoryClockRate;
      break;
    case cudaDevAttrGlobalMemoryBusWidth:
      *value = p.memoryBusWidth;
      break;
    case cudaDevAttrL2CacheSize:
      *value = p.l2CacheSize;
      break;
    case cudaDevAttrMaxThreadsPerMultiProcessor:
      *value = THREADS;
      break;
    case cudaDevAttrAsyncEngineCount:
      *value = 3;
      break;
    case cudaDevAttrComputeCapabilityMajor:
      *value = 9;
      break;
    case cudaDevAttrComputeCapabilityMinor:
      *value = 0;
      break;
    case cudaDevAttrMaxSharedMemoryPerMultiprocessor:
      *value = SHARED;
      break;
    case cudaDevAttrMaxSharedMemoryPerBlockOptin:
      *value = OPT_IN;
      break;
    case cudaDevAttrMaxBlocksPerMultiprocessor:
      *value = BLOCKS;
      break;
    case cudaDevAttrGpuOverlap:
    case cudaDevAttrCanMapHostMemory:
    case cudaDevAttrConcurrentKernels:
    case cudaDevAttrUnifiedAddressing:
    case cudaDevAttrStreamPrioritiesSupported:
    case cudaDevAttrManagedMemory:
    case cudaDevAttrConcurrentManagedAccess:
    case cudaDevAttrComputePreemptionSupported:
    case cudaDevAttrCooperativeLaunch:
    case cudaDevAttrMemoryPoolsSupported:
      *value = 1;
      break;
    default:
      *value = 0;
  }
  return cudaSuccess;
}

cudaError_t tinyseg_set_attribute(const void* kernel, cudaFuncAttribute attribute, int value, const char* file,
                                  int line) {
  if (attribute != cudaFuncAttributeMaxDynamicSharedMemorySize) return cudaSuccess;
  if (value < 0 || size_t(value) > OPT_IN)
    return result(
        cudaErrorInvalidValue, "cudaFuncSetAttribute", {file, line},
        "a block can have at most " + std::to_string(OPT_IN) + " bytes of shared memory, not " + std::to_string(value));
  allowed[kernel] = size_t(value);
  return cudaSuccess;
}
cudaError_t tinyseg_function_attributes(cudaFuncAttributes* attributes, const void* kernel, const char*, int) {
  *attributes = {0, 0, 0, 1024, 32, 90, 90, 0, int(allowed_shared(kernel)), -1};
  return cudaSuccess;
}
cudaError_t tinyseg_active_blocks(int* blocks, const void*, int threads, size_t shared, const char* file, int line) {
  if (threads < 1 || threads > 1024)
    return result(cudaErrorInvalidValue, "cudaOccupancyMaxActiveBlocksPerMultiprocessor", {file, line},
                  std::to_string(threads) + " threads in a block");
  *blocks = blocks_per_multiprocessor(threads, shared);
  return cudaSuccess;
}
