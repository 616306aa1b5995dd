"""gpu_race_repair: planted bugs."""

from __future__ import annotations

from ...exercise import Mistake

ZERO = "  if (t < BINS) own[t] = 0;\n"
FIRST = "  __syncthreads();  // all are 0\n"
COUNT = "  if (i < n) atomicAdd(&own[image[i] / 32], 1);\n"
SECOND = "  __syncthreads();  // all have counted\n"
ADD = "  if (t < BINS) atomicAdd(&counts[t], own[t]);\n"

MISTAKES = (
    Mistake("no-first-barrier", FIRST, "", ("barrier-missing",)),
    Mistake("no-second-barrier", SECOND, "", ("barrier-missing",)),
    Mistake("no-barrier-at-all", FIRST + COUNT + SECOND, COUNT, ("barrier-missing",)),
    Mistake("count-not-atomic", COUNT, "  if (i < n) own[image[i] / 32]++;\n", ("atomic-missing",)),
    Mistake("count-plus-equals", COUNT, "  if (i < n) own[image[i] / 32] += 1;\n", ("atomic-missing",)),
    Mistake(
        "count-in-two-lines",
        COUNT,
        "  if (i < n) {\n    const int old = own[image[i] / 32];\n    own[image[i] / 32] = old + 1;\n  }\n",
        ("atomic-missing", "barrier-missing", "several-threads-write-one-place"),
    ),
    Mistake("sum-not-atomic", ADD, "  if (t < BINS) counts[t] += own[t];\n", ("atomic-missing",)),
    Mistake("sum-written", ADD, "  if (t < BINS) counts[t] = own[t];\n", ("blocks-write-one-place",)),
    Mistake(
        "first-barrier-in-branch",
        ZERO + FIRST,
        "  if (t < BINS) {\n    own[t] = 0;\n    __syncthreads();\n  }\n",
        ("barrier-not-reached-by-all", "barrier-missing"),
    ),
    Mistake(
        "second-barrier-in-branch",
        COUNT + SECOND,
        "  if (i < n) {\n    atomicAdd(&own[image[i] / 32], 1);\n    __syncthreads();\n  }\n",
        ("barrier-not-reached-by-all",),
    ),
    Mistake("early-return", ZERO, "  if (i >= n) return;\n" + ZERO, ("barrier-not-reached-by-all",)),
    Mistake("warp-barriers", FIRST, "  __syncwarp();\n", ("barrier-missing",)),
    Mistake("fence-for-barrier", SECOND, "  __threadfence_block();\n", ("barrier-missing",)),
    Mistake("not-zeroed", ZERO, "", ("shared-memory-not-filled",)),
    Mistake("first-bin-zeroed", ZERO, "  if (t == 0) own[t] = 0;\n", ("shared-memory-not-filled",)),
    Mistake("last-bin-not-zeroed", ZERO, "  if (t < BINS - 1) own[t] = 0;\n", ("shared-memory-not-filled",)),
    Mistake("zeroed-by-all", ZERO, "  own[t] = 0;\n", ("index-out-of-bounds",)),
    Mistake(
        "everybody-zeroes-all",
        ZERO,
        "  for (int b = 0; b < BINS; b++) own[b] = 0;\n",
        ("several-threads-write-one-place",),
    ),
    Mistake("no-bounds-check", COUNT, "  atomicAdd(&own[image[i] / 32], 1);\n", ("bounds-check-missing",)),
    Mistake("bounds-one-too-many", "i < n", "i <= n", ("bounds-check-missing", "index-out-of-bounds")),
    Mistake("bounds-one-too-few", "i < n", "i < n - 1", ("last-element-skipped",)),
    Mistake("remainder", "image[i] / 32", "image[i] % BINS", ("wrong-bins",)),
    Mistake("sixty-four", "image[i] / 32", "image[i] / 64", ("wrong-bins",)),
    Mistake("sixteen", "image[i] / 32", "image[i] / 16", ("index-out-of-bounds",)),
    Mistake("reversed", "image[i] / 32", "7 - image[i] / 32", ("wrong-bins",)),
    Mistake(
        "added-by-all",
        ADD,
        "  for (int b = 0; b < BINS; b++) atomicAdd(&counts[b], own[b]);\n",
        ("counted-more-than-once",),
    ),
    Mistake("added-beyond-the-bins", ADD, "  atomicAdd(&counts[t], own[t]);\n", ("index-out-of-bounds",)),
    Mistake("first-bin-added", ADD, "  if (t == 0) atomicAdd(&counts[t], own[t]);\n", ("only-the-first-bin",)),
    Mistake("exchanged", "atomicAdd(&counts[t]", "atomicExch(&counts[t]", ("one-block-counts",)),
    Mistake("largest", "atomicAdd(&counts[t]", "atomicMax(&counts[t]", ("one-block-counts",)),
    Mistake("subtracted", "atomicAdd(&counts[t]", "atomicSub(&counts[t]", ("subtracted", "sign-flipped")),
    Mistake("only-block-0-adds", "if (t < BINS) atomicAdd", "if (i < BINS) atomicAdd", ("one-block-counts",)),
    Mistake("pixels-of-block-0", "blockIdx.x * blockDim.x + t;", "t;", ("pixels-of-the-first-block",)),
    Mistake(
        "straight-to-counts",
        "atomicAdd(&own[image[i] / 32], 1)",
        "atomicAdd(&counts[image[i] / 32], 1)",
        ("shared-counters-unused",),
    ),
    Mistake(
        "thread-0-counts",
        COUNT,
        "  if (t == 0) for (int k = i; k < n && k < i + blockDim.x; k++) own[image[k] / 32]++;\n",
        ("one-thread-does-the-work",),
    ),
)
