// Streams and events as orders: for each stream a clock says which operations of every stream it comes behind.
//
// Operations are carried out when they are issued; the clocks say what a device guarantees. The legacy default stream
// waits for all blocking streams, and they for it. Numbers: 0 is that stream, 1 the default stream of a thread, the
// others are made.
#include <algorithm>
#include <chrono>
#include <deque>

#include "program.h"

using Time = std::chrono::steady_clock;

struct CUstream_st {
  uint32_t number;
  bool blocking, destroyed;
  program::Clock clock;
  program::Place place;
};
struct CUevent_st {
  bool recorded, destroyed, timed;
  program::Clock clock;
  Time::time_point time;
  program::Place place;
};

namespace program {

static std::deque<CUstream_st> streams;
static std::deque<CUevent_st> events;
static std::deque<Operation> operations;
static Clock host;
static uint32_t made;

static void join(Clock& into, const Clock& other) {
  if (into.size() < other.size()) into.resize(other.size());
  for (size_t i = 0; i < other.size(); i++) into[i] = std::max(into[i], other[i]);
}
static void make_defaults() {
  if (!streams.empty()) return;
  streams.push_back({0, true, false, {}, {}});
  streams.push_back({1, true, false, {}, {}});
}
static CUstream_st* stream_of(cudaStream_t stream) {
  make_defaults();
  if (reinterpret_cast<uintptr_t>(stream) <= 2) return &streams[stream == cudaStreamPerThread];
  for (CUstream_st& one : streams)
    if (&one == stream) return one.destroyed ? nullptr : &one;
  return nullptr;
}
static CUevent_st* event_of(cudaEvent_t event) {
  for (CUevent_st& one : events)
    if (&one == event) return one.destroyed ? nullptr : &one;
  return nullptr;
}
bool known_stream(cudaStream_t stream) { return stream_of(stream) != nullptr; }
bool several_streams() { return made > 0; }

static void advance(CUstream_st& stream) {  // what the next operation of this stream comes behind
  join(stream.clock, host);
  if (stream.number == 0) {
    for (const CUstream_st& one : streams)
      if (one.blocking) join(stream.clock, one.clock);
  } else if (stream.blocking) {
    join(stream.clock, streams[0].clock);
  }
}
Operation& begin_operation(cudaStream_t which, const std::string& what, Place place) {
  CUstream_st& stream = *stream_of(which);
  advance(stream);
  if (stream.clock.size() <= stream.number) stream.clock.resize(stream.number + 1);
  const uint32_t index = ++stream.clock[stream.number];
  if (!several_streams()) operations.clear();  // then they are in order, and nobody asks
  operations.push_back({stream.number, index, stream.clock, what, place});
  return operations.back();
}
const Operation& operation(uint32_t number) { return operations[number]; }
uint32_t last_operation() { return uint32_t(operations.size()) - 1; }

bool done(uint32_t stream, uint32_t index) { return stream < host.size() && host[stream] >= index; }
static void host_learns(const Clock& clock) {
  join(host, clock);
  release_pending();
}
void wait_for_stream(cudaStream_t which) {
  CUstream_st& stream = *stream_of(which);
  if (stream.number == 0) advance(stream);
  host_learns(stream.clock);
}
void wait_for_all() {
  make_defaults();
  for (const CUstream_st& one : streams) join(host, one.clock);
  release_pending();
}
void reset_streams() {
  wait_for_all();
  for (CUstream_st& one : streams)
    if (one.number > 1) one.destroyed = true;
  for (CUevent_st& one : events) one.destroyed = true;
}
void end_streams() {
  for (const CUstream_st& one : streams)
    if (one.number > 1 && !one.destroyed) record("leak", text("what", "stream") + number("size", 0) + where(one.place));
  for (const CUevent_st& one : events)
    if (!one.destroyed) record("leak", text("what", "event") + number("size", 0) + where(one.place));
}

static cudaError_t bad_stream(const char* function, Place place) {
  return result(cudaErrorInvalidResourceHandle, function, place, "the stream does not exist, or was destroyed");
}
static cudaError_t bad_event(const char* function, Place place) {
  return result(cudaErrorInvalidResourceHandle, function, place, "the event does not exist, or was destroyed");
}
static bool includes(const Clock& known, const Clock& clock) {
  for (size_t i = 0; i < clock.size(); i++)
    if (clock[i] > (i < known.size() ? known[i] : 0)) return false;
  return true;
}

}  // namespace program

using namespace program;

static cudaError_t create(cudaStream_t* stream, bool blocking, const char* function, Place place) {
  make_defaults();
  if (sticky()) return result(sticky(), function, place);
  if (!stream) return result(cudaErrorInvalidValue, function, place, "the address of the stream is null");
  streams.push_back({uint32_t(streams.size()), blocking, false, {}, place});
  made++;
  *stream = &streams.back();
  return cudaSuccess;
}
cudaError_t cudaStreamCreate(cudaStream_t* stream, const char* file, int line) {
  return create(stream, true, "cudaStreamCreate", {file, line});
}
cudaError_t cudaStreamCreateWithFlags(cudaStream_t* stream, unsigned flags, const char* file, int line) {
  return create(stream, !(flags & cudaStreamNonBlocking), "cudaStreamCreateWithFlags", {file, line});
}
cudaError_t cudaStreamCreateWithPriority(cudaStream_t* stream, unsigned flags, int, const char* file, int line) {
  return create(stream, !(flags & cudaStreamNonBlocking), "cudaStreamCreateWithPriority", {file, line});
}
cudaError_t cudaDeviceGetStreamPriorityRange(int* least, int* greatest, const char*, int) {
  if (least) *least = 0;
  if (greatest) *greatest = -5;
  return cudaSuccess;
}
cudaError_t cudaStreamDestroy(cudaStream_t stream, const char* file, int line) {
  CUstream_st* one = reinterpret_cast<uintptr_t>(stream) > 2 ? stream_of(stream) : nullptr;
  if (!one) return bad_stream("cudaStreamDestroy", {file, line});
  one->destroyed = true;
  return cudaSuccess;
}
cudaError_t cudaStreamSynchronize(cudaStream_t stream, const char* file, int line) {
  if (sticky()) return result(sticky(), "cudaStreamSynchronize", {file, line});
  if (!known_stream(stream)) return bad_stream("cudaStreamSynchronize", {file, line});
  wait_for_stream(stream);
  return cudaSuccess;
}
// What is asked for is found done: a program that asks until it is so goes on.
cudaError_t cudaStreamQuery(cudaStream_t stream, const char* file, int line) {
  return cudaStreamSynchronize(stream, file, line);
}
cudaError_t cudaStreamWaitEvent(cudaStream_t stream, cudaEvent_t event, unsigned, const char* file, int line) {
  CUstream_st* one = stream_of(stream);
  const CUevent_st* what = event_of(event);
  if (!one) return bad_stream("cudaStreamWaitEvent", {file, line});
  if (!what) return bad_event("cudaStreamWaitEvent", {file, line});
  if (what->recorded) join(one->clock, what->clock);
  return cudaSuccess;
}
cudaError_t cudaStreamAddCallback(cudaStream_t stream, cudaStreamCallback_t callback, void* data, unsigned,
                                  const char* file, int line) {
  if (!known_stream(stream)) return bad_stream("cudaStreamAddCallback", {file, line});
  begin_operation(stream, "cudaStreamAddCallback", {file, line});
  const Clock before = host;
  wait_for_stream(stream);  // for the time of the callback, which comes behind what the stream has done
  callback(stream, sticky(), data);
  host = before;
  return cudaSuccess;
}
cudaError_t cudaLaunchHostFunc(cudaStream_t stream, cudaHostFn_t function, void* data, const char* file, int line) {
  if (!known_stream(stream)) return bad_stream("cudaLaunchHostFunc", {file, line});
  begin_operation(stream, "cudaLaunchHostFunc", {file, line});
  const Clock before = host;
  wait_for_stream(stream);
  function(data);
  host = before;
  return cudaSuccess;
}
cudaError_t cudaStreamAttachMemAsync(cudaStream_t, void*, size_t, unsigned, const char*, int) { return cudaSuccess; }

static cudaError_t create(cudaEvent_t* event, bool timed, const char* function, Place place) {
  if (sticky()) return result(sticky(), function, place);
  if (!event) return result(cudaErrorInvalidValue, function, place, "the address of the event is null");
  events.push_back({false, false, timed, {}, {}, place});
  *event = &events.back();
  return cudaSuccess;
}
cudaError_t cudaEventCreate(cudaEvent_t* event, const char* file, int line) {
  return create(event, true, "cudaEventCreate", {file, line});
}
cudaError_t cudaEventCreateWithFlags(cudaEvent_t* event, unsigned flags, const char* file, int line) {
  return create(event, !(flags & cudaEventDisableTiming), "cudaEventCreateWithFlags", {file, line});
}
cudaError_t cudaEventDestroy(cudaEvent_t event, const char* file, int line) {
  CUevent_st* one = event_of(event);
  if (!one) return bad_event("cudaEventDestroy", {file, line});
  one->destroyed = true;
  return cudaSuccess;
}
cudaError_t cudaEventRecord(cudaEvent_t event, cudaStream_t stream, const char* file, int line) {
  CUevent_st* one = event_of(event);
  if (sticky()) return result(sticky(), "cudaEventRecord", {file, line});
  if (!one) return bad_event("cudaEventRecord", {file, line});
  if (!known_stream(stream)) return bad_stream("cudaEventRecord", {file, line});
  one->clock = begin_operation(stream, "cudaEventRecord", {file, line}).clock;
  one->recorded = true;
  one->time = Time::now();
  return cudaSuccess;
}
cudaError_t cudaEventSynchronize(cudaEvent_t event, const char* file, int line) {
  const CUevent_st* one = event_of(event);
  if (sticky()) return result(sticky(), "cudaEventSynchronize", {file, line});
  if (!one) return bad_event("cudaEventSynchronize", {file, line});
  host_learns(one->clock);
  return cudaSuccess;
}
cudaError_t cudaEventQuery(cudaEvent_t event, const char* file, int line) {
  return cudaEventSynchronize(event, file, line);
}
cudaError_t cudaEventElapsedTime(float* milliseconds, cudaEvent_t start, cudaEvent_t end, const char* file, int line) {
  const char* function = "cudaEventElapsedTime";
  const CUevent_st *a = event_of(start), *b = event_of(end);
  if (sticky()) return result(sticky(), function, {file, line});
  if (!a || !b) return bad_event(function, {file, line});
  if (!a->recorded || !b->recorded)
    return result(cudaErrorInvalidResourceHandle, function, {file, line}, "an event was not recorded");
  if (!a->timed || !b->timed)
    return result(cudaErrorInvalidResourceHandle, function, {file, line},
                  "an event was made with cudaEventDisableTiming");
  if (!includes(host, a->clock) || !includes(host, b->clock)) {
    record("host race", text("what",
                             "cudaEventElapsedTime asks for an event that the host has not waited for: "
                             "cudaEventSynchronize is missing") +
                            where({file, line}));
  }
  const std::chrono::duration<float, std::milli> passed = b->time - a->time;
  *milliseconds = passed.count() > 0 ? passed.count() + 0.001f : passed.count() < 0 ? passed.count() - 0.001f : 0.001f;
  return cudaSuccess;
}
