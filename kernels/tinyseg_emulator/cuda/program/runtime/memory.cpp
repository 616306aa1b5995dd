// The device's memory: allocations in one arena of addresses, of which host code may touch managed and pinned ones
// only.
//
// Each allocation has pages of its own and an unused page behind it, and no address is given out twice, so a pointer
// that was freed stays known. While host code runs, the pages of device memory cannot be read: a host that uses a
// device pointer is stopped there, and faults.cpp says at which line.
#include <sys/mman.h>

#include <algorithm>
#include <cstdio>
#include <cstring>

#include "program.h"

namespace program {

constexpr size_t ARENA = size_t(64) << 30, PAGE = emulator::PAGE, ALIGNMENT = 512;
constexpr size_t FILLED = size_t(64) << 20;  // new memory is filled with NaN up to this size
static char *arena, *top;
static size_t total = size_t(4) << 30, used;
static std::vector<Allocation> table;  // by address
static bool managed_was_asked_for;
static int open_depth;

static size_t whole_pages(size_t size) { return (size + PAGE - 1) / PAGE * PAGE; }

static void protect(const Allocation& one, int protection) {
  if (one.size) mprotect(one.begin, whole_pages(one.size), protection);
}

size_t device_memory() { return total; }

bool in_arena(const void* address) { return arena && address >= arena && address < arena + ARENA; }

bool is_symbol(const void* address) {
  return static_cast<const char*>(address) >= library_begin && static_cast<const char*>(address) < library_end;
}

static Allocation* below(const void* address) {
  auto above = std::upper_bound(table.begin(), table.end(), static_cast<const char*>(address),
                                [](const char* a, const Allocation& one) { return a < one.begin; });
  return above == table.begin() ? nullptr : &*(above - 1);
}
Allocation* find(const void* address) {
  Allocation* one = below(address);
  return one && static_cast<const char*>(address) < one->begin + std::max<size_t>(one->size, 1) ? one : nullptr;
}
bool has_managed_memory() { return managed_was_asked_for; }
Allocation* near(const void* address) {
  Allocation* one = below(address);
  return one && static_cast<const char*>(address) < one->begin + whole_pages(one->size) + PAGE ? one : nullptr;
}

std::string describe(const void* address) {
  char words[256];
  if (!address) return "the null pointer";
  const Allocation* one = near(address);
  if (!one) {
    if (in_arena(address)) return "an address that no allocation has";
    return is_symbol(address) ? "the address of a variable of the file" : "host memory";
  }
  const char* kinds[] = {"device", "managed", "pinned host"};
  snprintf(words, sizeof words, "%s memory of %zu bytes, allocated at line %d", kinds[one->space], one->size,
           one->made.line);
  std::string out = words;
  if (one->freed) out += ", freed at line " + std::to_string(one->ended.line);
  return out;
}

void open_memory() {
  if (open_depth++) return;
  for (const Allocation& one : table)
    if (!one.freed) protect(one, PROT_READ | PROT_WRITE);
}
void close_memory() {
  if (--open_depth) return;
  for (const Allocation& one : table)
    if (!one.freed && one.space == DEVICE) protect(one, PROT_NONE);
  apply_pending();
}

static void end(Allocation& one, Place place) {
  one.freed = 1;
  one.ended = place;
  used -= one.size;
  if (!one.size) return;
  madvise(one.begin, whole_pages(one.size), MADV_DONTNEED);
  protect(one, PROT_NONE);
}

void free_everything() {
  for (Allocation& one : table)
    if (!one.freed) end(one, {nullptr, 0});
}

void end_memory() {
  for (const Allocation& one : table)
    if (!one.freed)
      record("leak", text("what", one.space == PINNED    ? "pinned host memory"
                                  : one.space == MANAGED ? "managed memory"
                                                         : "device memory") +
                         number("size", (long long)one.size) + where(one.made));
}

static cudaError_t allocate(void** pointer, size_t size, int space, emulator::Element element, const char* function,
                            Place place) {
  if (sticky()) return result(sticky(), function, place);
  if (!pointer) return result(cudaErrorInvalidValue, function, place, "the address of the pointer is null");
  if (!size) return *pointer = nullptr, cudaSuccess;
  if (size > total || used + size > total) {
    *pointer = nullptr;
    return result(cudaErrorMemoryAllocation, function, place,
                  "asked for " + std::to_string(size) + " bytes; of " + std::to_string(total) + " bytes " +
                      std::to_string(total - used) + " are free");
  }
  if (!arena || top + whole_pages(size) + PAGE > arena + ARENA)
    return result(cudaErrorMemoryAllocation, function, place, "this run has used all addresses of device memory");
  Allocation one = {top, size, space, 0, place, {nullptr, 0}, element.kind, element.size};
  top += whole_pages(size) + PAGE;
  protect(one, PROT_READ | PROT_WRITE);
  memset(one.begin, 0xFF, std::min(size, FILLED));  // NaN as a float, -1 as an integer: nothing has written here
  if (space == DEVICE && !open_depth) protect(one, PROT_NONE);
  if (space != DEVICE) mark_written(one.begin, size);
  else if (size > FILLED) mark_written(one.begin + FILLED, size - FILLED);
  used += size;
  table.push_back(one);
  managed_was_asked_for |= space == MANAGED;
  *pointer = one.begin;
  return cudaSuccess;
}

static cudaError_t give_back(void* pointer, bool host, const char* function, Place place) {
  if (!pointer) return cudaSuccess;
  if (sticky()) return result(sticky(), function, place);
  Allocation* one = find(pointer);
  const cudaError_t wrong = cudaErrorInvalidValue;
  if (!one || one->begin != pointer) {
    if (one) return result(wrong, function, place, "the pointer is inside " + describe(pointer) + ", not at its start");
    return result(
        wrong, function, place,
        "the pointer is to " + describe(pointer) + (host ? ", not from cudaMallocHost" : ", not from cudaMalloc"));
  }
  if (one->freed) return result(wrong, function, place, "double free: " + describe(pointer));
  if (host != (one->space == PINNED))
    return result(
        wrong, function, place,
        "the pointer is to " + describe(pointer) + (host ? ": cudaFree frees it" : ": cudaFreeHost frees it"));
  end(*one, place);
  return cudaSuccess;
}

}  // namespace program

using namespace program;

extern "C" void tinyseg_program_memory(size_t device_memory) {
  total = device_memory;
  void* memory = mmap(nullptr, ARENA, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  arena = top = memory == MAP_FAILED ? nullptr : static_cast<char*>(memory);
  if (arena) begin_written(arena, ARENA);
}
extern "C" const Allocation* tinyseg_program_allocations(size_t* count) {
  *count = table.size();
  return table.data();
}

cudaError_t tinyseg_malloc(void** pointer, size_t size, int space, emulator::Element element, const char* function,
                           const char* file, int line) {
  return allocate(pointer, size, space, element, function, {file, line});
}
cudaError_t tinyseg_malloc_pitch(void** pointer, size_t* pitch, size_t width, size_t height, emulator::Element element,
                                 const char* file, int line) {
  *pitch = (width + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
  return allocate(pointer, *pitch * height, DEVICE, element, "cudaMallocPitch", {file, line});
}
cudaError_t cudaMalloc3D(cudaPitchedPtr* pointer, cudaExtent extent, const char* file, int line) {
  pointer->pitch = (extent.width + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
  pointer->xsize = extent.width;
  pointer->ysize = extent.height;
  return allocate(&pointer->ptr, pointer->pitch * extent.height * extent.depth, DEVICE, {'V', 1}, "cudaMalloc3D",
                  {file, line});
}
cudaError_t cudaFree(void* pointer, const char* file, int line) {
  wait_for_all();
  return give_back(pointer, false, "cudaFree", {file, line});
}
cudaError_t cudaFreeAsync(void* pointer, cudaStream_t, const char* file, int line) {
  return give_back(pointer, false, "cudaFreeAsync", {file, line});
}
cudaError_t cudaFreeHost(void* pointer, const char* file, int line) {
  wait_for_all();
  return give_back(pointer, true, "cudaFreeHost", {file, line});
}
// Memory of the host that is registered stays where it is: copies from it work as before, and kernels may not use it
// here.
cudaError_t cudaHostRegister(void* pointer, size_t, unsigned, const char* file, int line) {
  if (!pointer) return result(cudaErrorInvalidValue, "cudaHostRegister", {file, line}, "the pointer is null");
  return cudaSuccess;
}
cudaError_t cudaHostUnregister(void* pointer, const char* file, int line) {
  if (!pointer) return result(cudaErrorInvalidValue, "cudaHostUnregister", {file, line}, "the pointer is null");
  return cudaSuccess;
}
cudaError_t tinyseg_device_pointer(void** device, void* host, const char* file, int line) {
  const Allocation* one = find(host);
  if (!one || one->freed || one->space != PINNED)
    return result(cudaErrorInvalidValue, "cudaHostGetDevicePointer", {file, line},
                  "the pointer is to " + describe(host) + ", not to pinned host memory");
  *device = host;
  return cudaSuccess;
}
cudaError_t cudaMemGetInfo(size_t* free, size_t* all, const char*, int) {
  *free = total - used;
  *all = total;
  return cudaSuccess;
}
cudaError_t cudaPointerGetAttributes(cudaPointerAttributes* attributes, const void* pointer, const char*, int) {
  const Allocation* one = find(pointer);
  *attributes = {cudaMemoryTypeUnregistered, 0, nullptr, const_cast<void*>(pointer)};
  if (!one || one->freed) return cudaSuccess;
  attributes->type = one->space == DEVICE    ? cudaMemoryTypeDevice
                     : one->space == MANAGED ? cudaMemoryTypeManaged
                                             : cudaMemoryTypeHost;
  attributes->devicePointer = const_cast<void*>(pointer);
  if (one->space == DEVICE) attributes->hostPointer = nullptr;
  return cudaSuccess;
}
static cudaError_t managed(const void* pointer, size_t size, const char* function, Place place) {
  const Allocation* one = find(pointer);
  if (!one || one->freed || one->space != MANAGED)
    return result(cudaErrorInvalidValue, function, place,
                  "the pointer is to " + describe(pointer) + ", not to managed memory");
  if (static_cast<const char*>(pointer) + size > one->begin + one->size)
    return result(cudaErrorInvalidValue, function, place,
                  std::to_string(size) + " bytes go beyond " + describe(pointer));
  return cudaSuccess;
}
cudaError_t cudaMemPrefetchAsync(const void* pointer, size_t size, int, cudaStream_t, const char* file, int line) {
  return managed(pointer, size, "cudaMemPrefetchAsync", {file, line});
}
cudaError_t cudaMemAdvise(const void* pointer, size_t size, cudaMemoryAdvise, int, const char* file, int line) {
  return managed(pointer, size, "cudaMemAdvise", {file, line});
}
