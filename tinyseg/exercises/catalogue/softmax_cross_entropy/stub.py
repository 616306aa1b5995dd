"""Exercise: softmax_cross_entropy   (chapter 5, difficulty 3 of 5)

Cross-entropy is the loss of a classification, and of a segmentation, where every pixel is classified: the logarithm of
the probability that the right class was given, with a minus sign. It is 0 when that class is certain, and it grows
without limit when the class is held to be impossible. The probabilities are made by softmax:

    forward     p[k] = exp(logits[k]) / (exp(logits[0]) + ... + exp(logits[K-1]))        over the last axis
                loss = -log(p[target])                                                   one number for each position

It must be right for large logits: for [0, 1000] and the class 0 the loss is 1000, although p[0] is 0 in floating point.

Backward gets dloss, one number for each position, and returns dlogits.

Shapes: logits and dlogits (..., K), target (...) with class ids from 0 to K-1 (whole numbers, of 8 bits as well),
        loss and dloss (...). The types are kept: float32 logits give a float32 loss. Each position stands alone.

By hand, two positions and two classes; 1.0986 is the logarithm of 3:

    logits = [[0, 1.0986], [1.0986, 0]]     p is [[0.25, 0.75], [0.75, 0.25]]
    target = [0, 0]
    y = [1.38629, 0.28768]                  the losses: -log(0.25) and -log(0.75)
    dy = [1, 2]                             dloss
    dlogits = [[-0.75, 0.75], [-0.5, 0.5]]

Neither function may change an array that it is given. Allowed: NumPy and plain Python.
"""


def softmax_cross_entropy_forward(logits, target):
    """Return (loss, cache); the cache is whatever softmax_cross_entropy_backward needs."""
    raise NotImplementedError("softmax_cross_entropy_forward is yours to write")


def softmax_cross_entropy_backward(dloss, cache):
    """Return dlogits."""
    raise NotImplementedError("softmax_cross_entropy_backward is yours to write")
