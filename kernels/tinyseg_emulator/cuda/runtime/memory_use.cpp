// How well warps use memory. The n-th execution of an instruction by each lane between two block barriers counts as one request of the warp.
//   Global memory moves in sectors of 32 bytes: a request moves as many as its lanes touch; the ideal is the bytes that they want, divided by 32.
//   Shared memory has 32 banks of 4 bytes, and a pass serves one word of each bank; lanes that want the same word share it. Requests of 8 and of 16 bytes per lane
//   go in halves and quarters of a warp. Passes beyond the ideal are bank conflicts.
#include <algorithm>

#include "checks.h"

namespace emulator {

struct Request {
  uint32_t lanes = 0;
  uintptr_t offsets[WARP];
};
struct Instruction {
  Use use;
  uint32_t executed[WARP] = {};
  std::vector<Request> requests;
};
static std::unordered_map<const void *, size_t> number_of;
static std::vector<Instruction> instructions;
static std::vector<size_t> touched;

void note_use(const Where &where, const char *address, size_t size, int access, const void *code) {
  auto [place, is_new] = number_of.try_emplace(code, instructions.size());
  if (is_new) {
    instructions.emplace_back();
    instructions.back().use = {code, where.space, access, int(size), 0, 0, 0, 0.0, address};
  }
  Instruction &instruction = instructions[place->second];
  const unsigned lane = unsigned(machine.current - machine.threads) % WARP;
  const uint32_t n = instruction.executed[lane]++;
  if (n >= instruction.requests.size()) {
    if (instruction.requests.empty()) touched.push_back(place->second);
    instruction.requests.resize(n + 1);
  }
  Request &request = instruction.requests[n];
  request.lanes |= 1u << lane;
  request.offsets[lane] = uintptr_t(address - where.base);  // arrays count as aligned, as they are on a GPU
}

static unsigned distinct(std::vector<uintptr_t> &values) {
  std::sort(values.begin(), values.end());
  return unsigned(std::unique(values.begin(), values.end()) - values.begin());
}

static void count_sectors(Use &use, const Request &request) {
  std::vector<uintptr_t> sectors, places;
  const unsigned size = unsigned(use.size);
  for (unsigned lane = 0; lane < WARP; lane++) {
    if (!(request.lanes >> lane & 1)) continue;
    places.push_back(request.offsets[lane]);
    for (uintptr_t s = request.offsets[lane] / 32; s <= (request.offsets[lane] + size - 1) / 32; s++) sectors.push_back(s);
  }
  const unsigned moved = distinct(sectors), ideal = (distinct(places) * size + 31) / 32;
  use.moved += moved;
  use.ideal += ideal;
  use.worst = std::max(use.worst, double(moved) / ideal);
}

static void count_passes(Use &use, const Request &request) {
  const unsigned words = std::max(1u, unsigned(use.size) / 4), group = WARP / words;
  unsigned passes = 0, ideal = 0;
  for (unsigned first = 0; first < WARP; first += group) {
    std::vector<uintptr_t> bank[32];
    unsigned worst = 0;
    for (unsigned lane = first; lane < first + group; lane++)
      if (request.lanes >> lane & 1)
        for (unsigned w = 0; w < words; w++) {
          const uintptr_t word = request.offsets[lane] / 4 + w;
          bank[word % 32].push_back(word);
        }
    for (auto &values : bank) worst = std::max(worst, distinct(values));
    passes += worst;
    ideal += worst > 0;
  }
  use.moved += passes;
  use.ideal += ideal;
  use.worst = std::max(use.worst, double(passes) / ideal);
}

void flush_uses() {
  for (size_t number : touched) {
    Instruction &instruction = instructions[number];
    for (const Request &request : instruction.requests) {
      instruction.use.requests++;
      if (instruction.use.space == GLOBAL) count_sectors(instruction.use, request);
      else count_passes(instruction.use, request);
    }
    instruction.requests.clear();
    std::fill(instruction.executed, instruction.executed + WARP, 0u);
  }
  touched.clear();
}

void collect_uses() {
  flush_uses();
  for (const Instruction &instruction : instructions) checks.uses.push_back(instruction.use);
  instructions.clear();
  number_of.clear();
}

}  // namespace emulator
