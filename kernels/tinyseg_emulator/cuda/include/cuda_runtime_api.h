// The host functions of the CUDA runtime, as a program calls them; ../program/runtime implements them.
//
// Each takes the place that calls it as two more arguments, so that what is wrong is told in the program's own lines.
// In a file of kernels that is not run as a program they are weak: such a file needs no host functions when it is
// loaded.
#pragma once
#include <type_traits>

#include "driver_types.h"

#ifdef TINYSEG_PROGRAM
#define TINYSEG_HOST
// The compiler then names each call whose error code is thrown away; see ../program/build.py.
#define TINYSEG_RESULT __attribute__((warn_unused_result)) cudaError_t
#else
#define TINYSEG_HOST __attribute__((weak))
#define TINYSEG_RESULT TINYSEG_HOST cudaError_t
#endif
#ifndef TINYSEG_SITE
#define TINYSEG_SITE const char *file = __builtin_FILE(), int line = __builtin_LINE()
#endif

namespace emulator {
// What an allocation holds, for reports: 'f' and 4 for float.
struct Element {
  char kind;
  int size;
};
template <class T>
constexpr Element element() {
  if constexpr (std::is_void_v<T>)
    return {'V', 1};
  else if constexpr (std::is_floating_point_v<T>)
    return {'f', int(sizeof(T))};
  else if constexpr (std::is_pointer_v<T> || (std::is_integral_v<T> && std::is_unsigned_v<T>))
    return {'u', int(sizeof(T))};
  else if constexpr (std::is_integral_v<T>)
    return {'i', int(sizeof(T))};
  else
    return {'V', int(sizeof(T))};
}
}  // namespace emulator

// Memory
TINYSEG_RESULT tinyseg_malloc(void** pointer, size_t size, int space, emulator::Element element, const char* function,
                              TINYSEG_SITE);
TINYSEG_RESULT tinyseg_malloc_pitch(void** pointer, size_t* pitch, size_t width, size_t height,
                                    emulator::Element element, TINYSEG_SITE);
TINYSEG_RESULT cudaFree(void* pointer, TINYSEG_SITE);
TINYSEG_RESULT cudaFreeAsync(void* pointer, cudaStream_t stream, TINYSEG_SITE);
TINYSEG_RESULT cudaFreeHost(void* pointer, TINYSEG_SITE);
TINYSEG_RESULT cudaHostRegister(void* pointer, size_t size, unsigned flags, TINYSEG_SITE);
TINYSEG_RESULT cudaHostUnregister(void* pointer, TINYSEG_SITE);
TINYSEG_RESULT tinyseg_device_pointer(void** device, void* host, TINYSEG_SITE);
TINYSEG_RESULT cudaMalloc3D(cudaPitchedPtr* pointer, cudaExtent extent, TINYSEG_SITE);
TINYSEG_RESULT cudaMemGetInfo(size_t* free, size_t* total, TINYSEG_SITE);
TINYSEG_RESULT cudaPointerGetAttributes(cudaPointerAttributes* attributes, const void* pointer, TINYSEG_SITE);
TINYSEG_RESULT cudaMemPrefetchAsync(const void* pointer, size_t size, int device, cudaStream_t stream = nullptr,
                                    TINYSEG_SITE);
TINYSEG_RESULT cudaMemAdvise(const void* pointer, size_t size, cudaMemoryAdvise advice, int device, TINYSEG_SITE);
template <class T>
inline TINYSEG_RESULT cudaMalloc(T** pointer, size_t size, TINYSEG_SITE) {
  return tinyseg_malloc((void**)pointer, size, 0, emulator::element<T>(), "cudaMalloc", file, line);
}
template <class T>
inline TINYSEG_RESULT cudaMallocAsync(T** pointer, size_t size, cudaStream_t, TINYSEG_SITE) {
  return tinyseg_malloc((void**)pointer, size, 0, emulator::element<T>(), "cudaMallocAsync", file, line);
}
template <class T>
inline TINYSEG_RESULT cudaMallocManaged(T** pointer, size_t size, unsigned flags = cudaMemAttachGlobal, TINYSEG_SITE) {
  (void)flags;
  return tinyseg_malloc((void**)pointer, size, 1, emulator::element<T>(), "cudaMallocManaged", file, line);
}
template <class T>
inline TINYSEG_RESULT cudaMallocHost(T** pointer, size_t size, unsigned flags = 0, TINYSEG_SITE) {
  (void)flags;
  return tinyseg_malloc((void**)pointer, size, 2, emulator::element<T>(), "cudaMallocHost", file, line);
}
template <class T>
inline TINYSEG_RESULT cudaHostAlloc(T** pointer, size_t size, unsigned flags, TINYSEG_SITE) {
  (void)flags;
  return tinyseg_malloc((void**)pointer, size, 2, emulator::element<T>(), "cudaHostAlloc", file, line);
}
template <class T>
inline TINYSEG_RESULT cudaMallocPitch(T** pointer, size_t* pitch, size_t width, size_t height, TINYSEG_SITE) {
  return tinyseg_malloc_pitch((void**)pointer, pitch, width, height, emulator::element<T>(), file, line);
}
template <class T>
inline TINYSEG_RESULT cudaHostGetDevicePointer(T** device, void* host, unsigned, TINYSEG_SITE) {
  return tinyseg_device_pointer((void**)device, host, file, line);
}

// Copies
TINYSEG_RESULT cudaMemcpy(void* to, const void* from, size_t size, cudaMemcpyKind kind, TINYSEG_SITE);
TINYSEG_RESULT cudaMemcpyAsync(void* to, const void* from, size_t size, cudaMemcpyKind kind,
                               cudaStream_t stream = nullptr, TINYSEG_SITE);
TINYSEG_RESULT cudaMemcpy2D(void* to, size_t to_pitch, const void* from, size_t from_pitch, size_t width, size_t height,
                            cudaMemcpyKind kind, TINYSEG_SITE);
TINYSEG_RESULT cudaMemcpy2DAsync(void* to, size_t to_pitch, const void* from, size_t from_pitch, size_t width,
                                 size_t height, cudaMemcpyKind kind, cudaStream_t stream = nullptr, TINYSEG_SITE);
TINYSEG_RESULT cudaMemcpy3D(const cudaMemcpy3DParms* what, TINYSEG_SITE);
TINYSEG_RESULT cudaMemset(void* to, int value, size_t size, TINYSEG_SITE);
TINYSEG_RESULT cudaMemsetAsync(void* to, int value, size_t size, cudaStream_t stream = nullptr, TINYSEG_SITE);
TINYSEG_RESULT cudaMemset2D(void* to, size_t pitch, int value, size_t width, size_t height, TINYSEG_SITE);
TINYSEG_RESULT cudaMemset2DAsync(void* to, size_t pitch, int value, size_t width, size_t height,
                                 cudaStream_t stream = nullptr, TINYSEG_SITE);
TINYSEG_RESULT tinyseg_symbol_copy(const void* symbol, size_t symbol_size, void* other, size_t count, size_t offset,
                                   cudaMemcpyKind kind, bool to_symbol, bool asynchronous, cudaStream_t stream,
                                   const char* function, TINYSEG_SITE);
template <class T>
inline TINYSEG_RESULT cudaMemcpyToSymbol(const T& symbol, const void* from, size_t count, size_t offset = 0,
                                         cudaMemcpyKind kind = cudaMemcpyHostToDevice, TINYSEG_SITE) {
  return tinyseg_symbol_copy(&symbol, sizeof(T), const_cast<void*>(from), count, offset, kind, true, false, nullptr,
                             "cudaMemcpyToSymbol", file, line);
}
template <class T>
inline TINYSEG_RESULT cudaMemcpyToSymbolAsync(const T& symbol, const void* from, size_t count, size_t offset,
                                              cudaMemcpyKind kind, cudaStream_t stream = nullptr, TINYSEG_SITE) {
  return tinyseg_symbol_copy(&symbol, sizeof(T), const_cast<void*>(from), count, offset, kind, true, true, stream,
                             "cudaMemcpyToSymbolAsync", file, line);
}
template <class T>
inline TINYSEG_RESULT cudaMemcpyFromSymbol(void* to, const T& symbol, size_t count, size_t offset = 0,
                                           cudaMemcpyKind kind = cudaMemcpyDeviceToHost, TINYSEG_SITE) {
  return tinyseg_symbol_copy(&symbol, sizeof(T), to, count, offset, kind, false, false, nullptr, "cudaMemcpyFromSymbol",
                             file, line);
}
template <class T>
inline TINYSEG_RESULT cudaMemcpyFromSymbolAsync(void* to, const T& symbol, size_t count, size_t offset,
                                                cudaMemcpyKind kind, cudaStream_t stream = nullptr, TINYSEG_SITE) {
  return tinyseg_symbol_copy(&symbol, sizeof(T), to, count, offset, kind, false, true, stream,
                             "cudaMemcpyFromSymbolAsync", file, line);
}
TINYSEG_RESULT tinyseg_symbol_address(void** pointer, const void* symbol, TINYSEG_SITE);
template <class T, class S>
inline TINYSEG_RESULT cudaGetSymbolAddress(T** pointer, const S& symbol, TINYSEG_SITE) {
  return tinyseg_symbol_address((void**)pointer, &symbol, file, line);
}
template <class S>
inline TINYSEG_RESULT cudaGetSymbolSize(size_t* size, const S&, TINYSEG_SITE) {
  (void)file, (void)line;
  *size = sizeof(S);
  return cudaSuccess;
}

// Streams and events
TINYSEG_RESULT cudaStreamCreate(cudaStream_t* stream, TINYSEG_SITE);
TINYSEG_RESULT cudaStreamCreateWithFlags(cudaStream_t* stream, unsigned flags, TINYSEG_SITE);
TINYSEG_RESULT cudaStreamCreateWithPriority(cudaStream_t* stream, unsigned flags, int priority, TINYSEG_SITE);
TINYSEG_RESULT cudaStreamDestroy(cudaStream_t stream, TINYSEG_SITE);
TINYSEG_RESULT cudaStreamSynchronize(cudaStream_t stream, TINYSEG_SITE);
TINYSEG_RESULT cudaStreamQuery(cudaStream_t stream, TINYSEG_SITE);
TINYSEG_RESULT cudaStreamWaitEvent(cudaStream_t stream, cudaEvent_t event, unsigned flags = 0, TINYSEG_SITE);
TINYSEG_RESULT cudaStreamAddCallback(cudaStream_t stream, cudaStreamCallback_t callback, void* data, unsigned flags,
                                     TINYSEG_SITE);
TINYSEG_RESULT cudaLaunchHostFunc(cudaStream_t stream, cudaHostFn_t function, void* data, TINYSEG_SITE);
TINYSEG_RESULT cudaStreamAttachMemAsync(cudaStream_t stream, void* pointer, size_t length = 0,
                                        unsigned flags = cudaMemAttachSingle, TINYSEG_SITE);
TINYSEG_RESULT cudaDeviceGetStreamPriorityRange(int* least, int* greatest, TINYSEG_SITE);
TINYSEG_RESULT cudaEventCreate(cudaEvent_t* event, TINYSEG_SITE);
TINYSEG_RESULT cudaEventCreateWithFlags(cudaEvent_t* event, unsigned flags, TINYSEG_SITE);
TINYSEG_RESULT cudaEventDestroy(cudaEvent_t event, TINYSEG_SITE);
TINYSEG_RESULT cudaEventRecord(cudaEvent_t event, cudaStream_t stream = nullptr, TINYSEG_SITE);
TINYSEG_RESULT cudaEventSynchronize(cudaEvent_t event, TINYSEG_SITE);
TINYSEG_RESULT cudaEventQuery(cudaEvent_t event, TINYSEG_SITE);
TINYSEG_RESULT cudaEventElapsedTime(float* milliseconds, cudaEvent_t start, cudaEvent_t end, TINYSEG_SITE);

// Errors: these may be called for what they do, so their results may be thrown away.
TINYSEG_HOST cudaError_t cudaGetLastError(TINYSEG_SITE);
TINYSEG_HOST cudaError_t cudaPeekAtLastError(TINYSEG_SITE);
TINYSEG_HOST const char* cudaGetErrorString(cudaError_t error);
TINYSEG_HOST const char* cudaGetErrorName(cudaError_t error);

// The device
TINYSEG_RESULT cudaDeviceSynchronize(TINYSEG_SITE);
TINYSEG_RESULT cudaThreadSynchronize(TINYSEG_SITE);
TINYSEG_RESULT cudaDeviceReset(TINYSEG_SITE);
TINYSEG_RESULT cudaThreadExit(TINYSEG_SITE);
TINYSEG_RESULT cudaSetDevice(int device, TINYSEG_SITE);
TINYSEG_RESULT cudaGetDevice(int* device, TINYSEG_SITE);
TINYSEG_RESULT cudaGetDeviceCount(int* count, TINYSEG_SITE);
TINYSEG_RESULT cudaGetDeviceProperties(cudaDeviceProp* properties, int device, TINYSEG_SITE);
TINYSEG_RESULT cudaDeviceGetAttribute(int* value, cudaDeviceAttr attribute, int device, TINYSEG_SITE);
TINYSEG_RESULT cudaChooseDevice(int* device, const cudaDeviceProp* properties, TINYSEG_SITE);
TINYSEG_RESULT cudaSetDeviceFlags(unsigned flags, TINYSEG_SITE);
TINYSEG_RESULT cudaDriverGetVersion(int* version, TINYSEG_SITE);
TINYSEG_RESULT cudaRuntimeGetVersion(int* version, TINYSEG_SITE);
TINYSEG_RESULT cudaDeviceSetLimit(cudaLimit limit, size_t value, TINYSEG_SITE);
TINYSEG_RESULT cudaDeviceGetLimit(size_t* value, cudaLimit limit, TINYSEG_SITE);
TINYSEG_RESULT cudaDeviceSetCacheConfig(cudaFuncCache config, TINYSEG_SITE);
TINYSEG_RESULT cudaDeviceSetSharedMemConfig(cudaSharedMemConfig config, TINYSEG_SITE);
TINYSEG_RESULT cudaDeviceGetSharedMemConfig(cudaSharedMemConfig* config, TINYSEG_SITE);
TINYSEG_RESULT cudaDeviceCanAccessPeer(int* can, int device, int peer, TINYSEG_SITE);
TINYSEG_RESULT cudaDeviceEnablePeerAccess(int peer, unsigned flags, TINYSEG_SITE);
TINYSEG_RESULT cudaProfilerStart(TINYSEG_SITE);
TINYSEG_RESULT cudaProfilerStop(TINYSEG_SITE);

// Kernels
TINYSEG_RESULT tinyseg_set_attribute(const void* kernel, cudaFuncAttribute attribute, int value, TINYSEG_SITE);
TINYSEG_RESULT tinyseg_function_attributes(cudaFuncAttributes* attributes, const void* kernel, TINYSEG_SITE);
TINYSEG_RESULT tinyseg_active_blocks(int* blocks, const void* kernel, int threads, size_t shared, TINYSEG_SITE);
template <class K>
inline TINYSEG_RESULT cudaFuncSetAttribute(K* kernel, cudaFuncAttribute attribute, int value, TINYSEG_SITE) {
  return tinyseg_set_attribute((const void*)kernel, attribute, value, file, line);
}
template <class K>
inline TINYSEG_RESULT cudaFuncGetAttributes(cudaFuncAttributes* attributes, K* kernel, TINYSEG_SITE) {
  return tinyseg_function_attributes(attributes, (const void*)kernel, file, line);
}
template <class K>
inline TINYSEG_RESULT cudaFuncSetCacheConfig(K*, cudaFuncCache, TINYSEG_SITE) {
  return (void)file, (void)line, cudaSuccess;
}
template <class K>
inline TINYSEG_RESULT cudaFuncSetSharedMemConfig(K*, cudaSharedMemConfig, TINYSEG_SITE) {
  return (void)file, (void)line, cudaSuccess;
}
template <class K>
inline TINYSEG_RESULT cudaOccupancyMaxActiveBlocksPerMultiprocessor(int* blocks, K kernel, int threads, size_t shared,
                                                                    TINYSEG_SITE) {
  return tinyseg_active_blocks(blocks, (const void*)kernel, threads, shared, file, line);
}
template <class K>
inline TINYSEG_RESULT cudaOccupancyMaxActiveBlocksPerMultiprocessorWithFlags(int* blocks, K kernel, int threads,
                                                                             size_t shared, unsigned, TINYSEG_SITE) {
  return tinyseg_active_blocks(blocks, (const void*)kernel, threads, shared, file, line);
}
template <class K, class F>
inline TINYSEG_RESULT cudaOccupancyMaxPotentialBlockSizeVariableSMem(int* grid, int* block, K kernel, F shared_of,
                                                                     int limit = 0, TINYSEG_SITE) {
  if (limit <= 0 || limit > 1024) limit = 1024;
  int most = 0;
  for (int threads = limit / 32 * 32; threads > 0;
       threads -= 32) {  // the largest block of those that fill a multiprocessor most
    int blocks = 0;
    if (cudaError_t error =
            tinyseg_active_blocks(&blocks, (const void*)kernel, threads, shared_of(threads), file, line))
      return error;
    if (blocks * threads > most) most = blocks * threads, *block = threads, *grid = blocks * 132;
  }
  return most ? cudaSuccess : cudaErrorInvalidValue;
}
template <class K>
inline TINYSEG_RESULT cudaOccupancyMaxPotentialBlockSize(int* grid, int* block, K kernel, size_t shared = 0,
                                                         int limit = 0, TINYSEG_SITE) {
  return cudaOccupancyMaxPotentialBlockSizeVariableSMem(
      grid, block, kernel, [shared](int) { return shared; }, limit, file, line);
}
