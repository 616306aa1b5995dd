// cooperative_groups: blocks, tiles and coalesced groups of a warp, grids. reduce, scan and memcpy_async have headers
// of their own, as in CUDA.
#pragma once
#include "cooperative_groups/warp_group.h"
#include "cooperative_groups/block_groups.h"
#include "cooperative_groups/partition.h"
