"""Exercise: connected_components   (chapter 1, difficulty 3 of 5)

A mask says which pixels belong to something. Which of them belong together? Two pixels of the foreground are in one
region if one can walk from one to the other over the foreground, from neighbour to neighbour:

    connectivity 4    neighbours share an edge: above, below, left, right
    connectivity 8    neighbours share an edge or a corner

Each region gets a number. Read the mask like a page, row by row and each row from left to right: the region that is met
first is 1, the next new one 2, and so on. The background is 0.

Shapes: mask is (H, W), of True and False or of whole numbers; everything that is not 0 is foreground. labels is (H, W),
of whole numbers. count is one number: how many regions there are. A region can have thousands of pixels.

By hand:

    mask = [[1, 0, 0, 1],    connectivity 4:  labels = [[1, 0, 0, 2],    connectivity 8:  labels = [[1, 0, 0, 2],
            [1, 0, 1, 0],                               [1, 0, 3, 0],                               [1, 0, 2, 0],
            [0, 0, 1, 0]]             count = 3         [0, 0, 3, 0]]             count = 2         [0, 0, 2, 0]]

The mask must not be changed. Allowed: NumPy and plain Python.
"""



def connected_components(mask, *, connectivity):
    """Return (labels, count)."""
    raise NotImplementedError("connected_components is yours to write")
