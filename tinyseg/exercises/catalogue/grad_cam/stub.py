"""Exercise: grad_cam   (chapter 10, difficulty 2 of 5)

Grad-CAM (2017) shows where in an image a network sees a class. It needs two arrays of one layer, most often the last
convolution: its activations A, and the gradients G of the class's score by A, which backpropagation gives. Both have N
images, h rows, w columns and K channels. For each image n:

    weight of a channel     a_k = mean of G[n, y, x, k] over all places (y, x)
    weighted sum            S[y, x] = sum over k of a_k * A[n, y, x, k]
    what speaks for it      R = max(S, 0)
    normalised              R / (the largest number of R), so that the largest becomes 1; an R of zeros stays zeros
    enlarged to (H, W)      heat[n, i, j] = the number in row i * h // H and column j * w // W

Shapes: activations and gradients are (N, h, w, K), size is (H, W) with H >= h and W >= w, heat is (N, H, W). H and W
need not be multiples of h and w. float64 stays float64.

By hand, with N = 1, K = 2 and size = (2, 4):

    A, channel 0: [[1, 2],    G, channel 0: [[1, 3],    weights: 2 and -1
                   [0, 4]]                   [2, 2]]    S = [[1, 4],      heat = [[0.125, 0.125, 0.5, 0.5],
    A, channel 1: [[1, 0],    G, channel 1: [[-1, -1],       [-3, 8]]             [0,     0,     1,   1  ]]
                   [3, 0]]                   [-1, -1]]

The arrays must not be changed. Allowed: NumPy and plain Python.
"""



def grad_cam(activations, gradients, *, size):
    """Return heat, (N, H, W)."""
    raise NotImplementedError("grad_cam is yours to write")
