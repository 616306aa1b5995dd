// How well warps use memory. The n-th execution of an instruction by each lane between two block barriers counts as one
// request of the warp.
//   Global memory moves in sectors of 32 bytes: a request moves as many as its lanes touch; the ideal is the bytes that
//   they want, divided by 32. Shared memory has 32 banks of 4 bytes, and a pass serves one word of each bank; lanes
//   that want the same word share it. Requests of 8 and of 16 bytes per lane go in halves and quarters of a warp.
//   Passes beyond the ideal are bank conflicts.
#include <algorithm>

#include "checks.h"

namespace emulator {

struct Request {
  uint32_t lanes = 0;
  uint32_t offsets[WARP];
};
struct Instruction {
  Use use;
  uint32_t executed[WARP] = {};
  std::vector<Request> requests;
};
static std::vector<uint32_t> number_of;  // by the place in the kernel file's code, twice: for shared and for global
                                         // memory; 1 + number of an instruction
static std::vector<Instruction> instructions;
static std::vector<uint32_t> touched;

__attribute__((noinline)) static uint32_t new_instruction(const Where &where, const char *address, size_t size,
                                                          int access, uint32_t code) {
  instructions.emplace_back();
  instructions.back().use = {code_at(code), where.space, access, int(size), 0, 0, 0, 0.0, address, 0};
  return uint32_t(instructions.size());
}

inline __attribute__((always_inline)) void note_use(const Where &where, const char *address, size_t size, int access,
                                                    uint32_t code) {
  const size_t place = size_t(code) * 2 + (where.space == GLOBAL);
  if (place >= number_of.size()) number_of.resize(place + 4096);
  uint32_t &number = number_of[place];
  if (!number) number = new_instruction(where, address, size, access, code);
  Instruction &instruction = instructions[number - 1];
  const unsigned lane = self.who % WARP;
  const uint32_t n = instruction.executed[lane]++;
  if (n >= instruction.requests.size()) {
    if (n == 0) touched.push_back(number - 1);
    instruction.requests.resize(n + 1);
  }
  Request &request = instruction.requests[n];
  request.lanes |= 1u << lane;
  request.offsets[lane] = uint32_t(address - where.base);  // arrays count as aligned, as they are on a GPU
}

// Numbers that mostly come in ascending order, each once.
struct Distinct {
  uint32_t values[2 * WARP];
  unsigned count = 0;
  bool ascending = true;
  void add(uint32_t value) {
    if (count && values[count - 1] == value) return;
    if (count && values[count - 1] > value) ascending = false;
    values[count++] = value;
  }
  unsigned size() {
    if (ascending) return count;
    std::sort(values, values + count);
    return unsigned(std::unique(values, values + count) - values);
  }
};

static void count_sectors(Use &use, const Request &request) {
  Distinct sectors, places;
  const unsigned size = unsigned(use.size);
  for (unsigned lane = 0; lane < WARP; lane++) {
    if (!(request.lanes >> lane & 1)) continue;
    places.add(request.offsets[lane]);
    sectors.add(request.offsets[lane] / 32);
    const uint32_t last = (request.offsets[lane] + size - 1) / 32;
    if (last != request.offsets[lane] / 32) sectors.add(last);
  }
  const unsigned moved = sectors.size(), ideal = (places.size() * size + 31) / 32;
  use.moved += moved;
  use.ideal += ideal;
  use.useful += places.size() * size;
  use.worst = std::max(use.worst, double(moved) / ideal);
}

static void count_passes(Use &use, const Request &request) {
  const unsigned words = std::max(1u, unsigned(use.size) / 4), group = WARP / words;
  unsigned passes = 0, ideal = 0;
  for (unsigned first = 0; first < WARP; first += group) {
    uint32_t bank[32][WARP];
    uint8_t count[32] = {};
    unsigned worst = 0;
    for (unsigned lane = first; lane < first + group; lane++)
      if (request.lanes >> lane & 1)
        for (unsigned w = 0; w < words; w++) {
          const uint32_t word = request.offsets[lane] / 4 + w;
          uint32_t *known = bank[word % 32], *end = known + count[word % 32];
          if (std::find(known, end, word) != end) continue;
          *end = word;
          worst = std::max<unsigned>(worst, ++count[word % 32]);
        }
    passes += worst;
    ideal += worst > 0;
  }
  use.moved += passes;
  use.ideal += ideal;
  use.worst = std::max(use.worst, double(passes) / ideal);
}

void flush_uses() {
  for (const uint32_t number : touched) {
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
