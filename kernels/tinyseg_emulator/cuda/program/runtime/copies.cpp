// Copies and fills. They are made at once; what the host may not yet rely on is noted in pending.cpp.
#include <cstdio>
#include <cstring>

#include "program.h"

namespace program {

static const char* const KINDS[] = {"cudaMemcpyHostToHost", "cudaMemcpyHostToDevice", "cudaMemcpyDeviceToHost",
                                    "cudaMemcpyDeviceToDevice", "cudaMemcpyDefault"};

enum Side : int { HOST = 1, ON_DEVICE = 2, BOTH = 3, UNKNOWN = 0 };

static Side side(const void* address) {
  const Allocation* one = near(address);
  if (one) return one->space == DEVICE ? ON_DEVICE : BOTH;
  if (in_arena(address)) return UNKNOWN;
  return is_symbol(address) ? BOTH : HOST;
}

// What is wrong with one end of a copy, '' when nothing is.
static std::string check_end(const char* name, const void* address, size_t size, int wanted, const char* kind) {
  const std::string end = std::string("the ") + name;
  if (!address) return end + " is the null pointer";
  const Side is = side(address);
  if (!(is & wanted) && wanted != BOTH)
    return std::string(kind) + " says that " + end + " is " + (wanted == HOST ? "host" : "device") +
           " memory, but it is " + describe(address);
  const Allocation* one = near(address);
  if (!one) return is == UNKNOWN ? end + " is " + describe(address) : "";
  const size_t offset = size_t(static_cast<const char*>(address) - one->begin);
  if (one->freed) return end + " is " + describe(address);
  if (offset + size > one->size) {
    char words[200];
    snprintf(words, sizeof words, "%s: %zu bytes from byte %zu on go %zu bytes beyond ", end.c_str(), size, offset,
             offset + size - one->size);
    return words + describe(address);
  }
  return "";
}

struct Rows {
  char* to;
  const char* from;
  size_t to_pitch, from_pitch, width, height;
};

static std::string check(const Rows& rows, int kind) {
  if (kind < 0 || kind > 4) return "there is no such kind of copy: " + std::to_string(kind);
  const int to = kind == 0 || kind == 2 ? HOST
                 : kind == 4            ? BOTH
                                        : ON_DEVICE,
            from = kind == 0 || kind == 1 ? HOST
                   : kind == 4            ? BOTH
                                          : ON_DEVICE;
  if (rows.height > 1 && (rows.to_pitch < rows.width || rows.from_pitch < rows.width))
    return "a pitch is smaller than the width of a row";
  std::string problem =
      check_end("destination", rows.to, (rows.height - 1) * rows.to_pitch + rows.width, to, KINDS[kind]);
  if (problem.empty())
    problem = check_end("source", rows.from, (rows.height - 1) * rows.from_pitch + rows.width, from, KINDS[kind]);
  return problem;
}

static cudaError_t copy(const Rows& rows, int kind, bool asynchronous, cudaStream_t stream, const char* function,
                        Place place) {
  if (sticky()) return result(sticky(), function, place);
  if (!known_stream(stream))
    return result(cudaErrorInvalidResourceHandle, function, place, "the stream does not exist, or was destroyed");
  if (!rows.width || !rows.height) return cudaSuccess;
  const std::string problem = check(rows, kind);
  if (!problem.empty()) return result(cudaErrorInvalidValue, function, place, problem);
  begin_operation(stream, function, place);
  {
    Opened opened;
    const Side to = side(rows.to);
    if (to == HOST || (to == BOTH && find(rows.to))) check_copied(rows.from, rows.from_pitch, rows.width, rows.height, function, place);
    for (size_t row = 0; row < rows.height; row++) {
      copy_written(rows.to + row * rows.to_pitch, rows.from + row * rows.from_pitch, rows.width);
      note_range(rows.from + row * rows.from_pitch, rows.width, false);
      note_range(rows.to + row * rows.to_pitch, rows.width, true);
      memmove(rows.to + row * rows.to_pitch, rows.from + row * rows.from_pitch, rows.width);
    }
  }
  if (!asynchronous) return wait_for_stream(stream), cudaSuccess;
  const Allocation *to = find(rows.to), *from = find(rows.from);
  // A copy between the device and memory of the host that is not pinned has left, or filled, that memory when it
  // returns.
  if ((!to && !is_symbol(rows.to)) || (!from && !is_symbol(rows.from))) {
    if (!to && !is_symbol(rows.to)) wait_for_stream(stream);
    return cudaSuccess;
  }
  if (to && to->space != DEVICE) add_pending(rows.to, (rows.height - 1) * rows.to_pitch + rows.width, false);
  if (from && from->space != DEVICE) add_pending(rows.from, (rows.height - 1) * rows.from_pitch + rows.width, true);
  apply_pending();
  return cudaSuccess;
}

static cudaError_t fill(void* to, size_t pitch, int value, size_t width, size_t height, cudaStream_t stream,
                        const char* function, Place place) {
  if (sticky()) return result(sticky(), function, place);
  if (!known_stream(stream))
    return result(cudaErrorInvalidResourceHandle, function, place, "the stream does not exist, or was destroyed");
  if (!width || !height) return cudaSuccess;
  if (!to) return result(cudaErrorInvalidValue, function, place, "the destination is the null pointer");
  if (side(to) == HOST) return result(cudaErrorInvalidValue, function, place, "the destination is host memory");
  const std::string problem = check_end("destination", to, (height - 1) * pitch + width, BOTH, function);
  if (!problem.empty()) return result(cudaErrorInvalidValue, function, place, problem);
  begin_operation(stream, function, place);
  Opened opened;
  for (size_t row = 0; row < height; row++) {
    note_range(static_cast<char*>(to) + row * pitch, width, true);
    mark_written(static_cast<char*>(to) + row * pitch, width);
    memset(static_cast<char*>(to) + row * pitch, value, width);
  }
  const Allocation* one = find(to);
  if (one && one->space != DEVICE) add_pending(static_cast<char*>(to), (height - 1) * pitch + width, false);
  return cudaSuccess;
}

}  // namespace program

using namespace program;

cudaError_t cudaMemcpy(void* to, const void* from, size_t size, cudaMemcpyKind kind, const char* file, int line) {
  return copy({static_cast<char*>(to), static_cast<const char*>(from), size, size, size, 1}, kind, false, nullptr,
              "cudaMemcpy", {file, line});
}
cudaError_t cudaMemcpyAsync(void* to, const void* from, size_t size, cudaMemcpyKind kind, cudaStream_t stream,
                            const char* file, int line) {
  return copy({static_cast<char*>(to), static_cast<const char*>(from), size, size, size, 1}, kind, true, stream,
              "cudaMemcpyAsync", {file, line});
}
cudaError_t cudaMemcpy2D(void* to, size_t to_pitch, const void* from, size_t from_pitch, size_t width, size_t height,
                         cudaMemcpyKind kind, const char* file, int line) {
  return copy({static_cast<char*>(to), static_cast<const char*>(from), to_pitch, from_pitch, width, height}, kind,
              false, nullptr, "cudaMemcpy2D", {file, line});
}
cudaError_t cudaMemcpy2DAsync(void* to, size_t to_pitch, const void* from, size_t from_pitch, size_t width,
                              size_t height, cudaMemcpyKind kind, cudaStream_t stream, const char* file, int line) {
  return copy({static_cast<char*>(to), static_cast<const char*>(from), to_pitch, from_pitch, width, height}, kind, true,
              stream, "cudaMemcpy2DAsync", {file, line});
}
cudaError_t cudaMemcpy3D(const cudaMemcpy3DParms* what, const char* file, int line) {
  const char* function = "cudaMemcpy3D";
  if (what->srcArray || what->dstArray)
    return result(cudaErrorNotSupported, function, {file, line}, "arrays for textures are not executed here");
  const cudaPitchedPtr &to = what->dstPtr, &from = what->srcPtr;
  for (size_t z = 0; z < what->extent.depth; z++) {
    char* target =
        static_cast<char*>(to.ptr) + ((what->dstPos.z + z) * to.ysize + what->dstPos.y) * to.pitch + what->dstPos.x;
    const char* source = static_cast<const char*>(from.ptr) +
                         ((what->srcPos.z + z) * from.ysize + what->srcPos.y) * from.pitch + what->srcPos.x;
    if (cudaError_t error = copy({target, source, to.pitch, from.pitch, what->extent.width, what->extent.height},
                                 what->kind, false, nullptr, function, {file, line}))
      return error;
  }
  return cudaSuccess;
}
cudaError_t cudaMemset(void* to, int value, size_t size, const char* file, int line) {
  return fill(to, size, value, size, 1, nullptr, "cudaMemset", {file, line});
}
cudaError_t cudaMemsetAsync(void* to, int value, size_t size, cudaStream_t stream, const char* file, int line) {
  return fill(to, size, value, size, 1, stream, "cudaMemsetAsync", {file, line});
}
cudaError_t cudaMemset2D(void* to, size_t pitch, int value, size_t width, size_t height, const char* file, int line) {
  return fill(to, pitch, value, width, height, nullptr, "cudaMemset2D", {file, line});
}
cudaError_t cudaMemset2DAsync(void* to, size_t pitch, int value, size_t width, size_t height, cudaStream_t stream,
                              const char* file, int line) {
  return fill(to, pitch, value, width, height, stream, "cudaMemset2DAsync", {file, line});
}
cudaError_t tinyseg_symbol_copy(const void* symbol, size_t symbol_size, void* other, size_t count, size_t offset,
                                cudaMemcpyKind kind, bool to_symbol, bool asynchronous, cudaStream_t stream,
                                const char* function, const char* file, int line) {
  const Place place = {file, line};
  if (sticky()) return result(sticky(), function, place);
  if (!is_symbol(symbol))
    return result(cudaErrorInvalidSymbol, function, place,
                  "the symbol is no __device__ or __constant__ variable of this file");
  if (offset + count > symbol_size)
    return result(cudaErrorInvalidValue, function, place,
                  std::to_string(count) + " bytes from byte " + std::to_string(offset) +
                      " on go beyond the variable, which has " + std::to_string(symbol_size));
  if (to_symbol ? kind == cudaMemcpyDeviceToHost || kind == cudaMemcpyHostToHost
                : kind == cudaMemcpyHostToDevice || kind == cudaMemcpyHostToHost)
    return result(cudaErrorInvalidMemcpyDirection, function, place, std::string(KINDS[kind]) + " does not fit");
  char* inside = static_cast<char*>(const_cast<void*>(symbol)) + offset;
  if (to_symbol)
    return copy({inside, static_cast<char*>(other), count, count, count, 1}, kind, asynchronous, stream, function,
                place);
  return copy({static_cast<char*>(other), inside, count, count, count, 1}, kind, asynchronous, stream, function, place);
}
cudaError_t tinyseg_symbol_address(void** pointer, const void* symbol, const char* file, int line) {
  if (!is_symbol(symbol))
    return result(cudaErrorInvalidSymbol, "cudaGetSymbolAddress", {file, line},
                  "this is no __device__ or __constant__ variable of this file");
  *pointer = const_cast<void*>(symbol);
  return cudaSuccess;
}
