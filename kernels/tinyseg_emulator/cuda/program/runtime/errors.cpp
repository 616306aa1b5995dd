// Errors as the CUDA runtime has them: the last one, which is kept until it is asked for, and sticky ones, which stay.
#include "program.h"

namespace program {

static cudaError_t last = cudaSuccess, stuck = cudaSuccess;
static std::vector<int> unseen;  // numbers of failed calls that nobody has asked about
static std::vector<cudaError_t> unseen_codes;
int failed_calls;

static const char* text_of(cudaError_t error, bool name) {
  switch (error) {
#define TINYSEG_ERROR(number, code, text) \
  case code:                              \
    return name ? #code : text;
#include "../../include/cuda_errors.inc"
#undef TINYSEG_ERROR
  }
  return "unrecognized error code";
}

static void seen(cudaError_t error, bool any) {
  for (size_t i = 0; i < unseen.size();) {
    if (any || unseen_codes[i] == error) {
      record("seen", number("call", unseen[i]));
      unseen.erase(unseen.begin() + long(i));
      unseen_codes.erase(unseen_codes.begin() + long(i));
    } else
      i++;
  }
}

cudaError_t sticky() { return stuck; }

// The device does nothing any more, so nobody has to wait for it.
void make_sticky(cudaError_t error) {
  last = stuck = error;
  wait_for_all();
}

cudaError_t result(cudaError_t error, const char* function, Place place, const std::string& why) {
  if (error == cudaSuccess || error == cudaErrorNotReady) return error;
  last = error;
  if (stuck) return error;  // told when it happened; every call gives it from then on
  failed_calls++;
  record("call", text("function", function) + number("error", error) + text("name", text_of(error, true)) +
                     text("meaning", text_of(error, false)) + text("why", why) + number("call", failed_calls) +
                     where(place));
  unseen.push_back(failed_calls);
  unseen_codes.push_back(error);
  return error;
}

void reset_errors() { last = stuck = cudaSuccess; }

}  // namespace program

using namespace program;

cudaError_t cudaGetLastError(const char*, int) {
  const cudaError_t error = stuck ? stuck : last;
  last = cudaSuccess;
  seen(error, true);
  return error;
}
cudaError_t cudaPeekAtLastError(const char*, int) {
  const cudaError_t error = stuck ? stuck : last;
  seen(error, true);
  return error;
}
const char* cudaGetErrorString(cudaError_t error) {
  seen(error, false);
  return text_of(error, false);
}
const char* cudaGetErrorName(cudaError_t error) {
  seen(error, false);
  return text_of(error, true);
}
