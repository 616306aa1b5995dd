"""The regions of a mask, numbered.

Read the mask row by row. A pixel of the foreground without a label begins a new region: it is the region's first pixel,
so that the numbers come in reading order. From it walk through the whole region before reading on: `pending` holds the
pixels whose neighbours are still to be looked at. A pixel gets its label at the moment when it is put there, so none is
put there twice, and each is looked at once: the work grows with the number of pixels, whatever the regions look like.

A function that calls itself for each neighbour does the same walk, with Python's own stack in the place of `pending`;
this stack ends after about a thousand calls.
"""

import numpy as np

EDGES = [(-1, 0), (1, 0), (0, -1), (0, 1)]
CORNERS = [(-1, -1), (-1, 1), (1, -1), (1, 1)]


def connected_components(mask, *, connectivity):
    """Flood each region from its first pixel."""
    height, width = mask.shape
    steps = EDGES + CORNERS if connectivity == 8 else EDGES
    labels = np.zeros((height, width), int)
    count = 0
    for i in range(height):
        for j in range(width):
            if mask[i, j] == 0 or labels[i, j] > 0:
                continue
            count += 1
            labels[i, j] = count
            pending = [(i, j)]
            while pending:
                y, x = pending.pop()
                for dy, dx in steps:
                    a, b = y + dy, x + dx
                    if 0 <= a < height and 0 <= b < width and mask[a, b] != 0 and labels[a, b] == 0:
                        labels[a, b] = count
                        pending.append((a, b))
    return labels, count
