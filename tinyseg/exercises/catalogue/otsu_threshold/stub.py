"""Exercise: otsu_threshold   (chapter 1, difficulty 2 of 5)

Which threshold splits an image best into dark and bright? Otsu's answer (1979): try them all. A threshold t makes two
classes, the pixels <= t and the pixels > t. Each has a weight (its share of all pixels) and a mean:

    w0, m0    share and mean of the pixels <= t          w1, m1    share and mean of the pixels > t

A good split makes classes that differ much and are not tiny. The variance between the classes says how good it is:

    variance(t) = w0 * w1 * (m0 - m1)^2

Return the t with the largest variance. A t that leaves one class without pixels is no split.

Shapes: image is (H, W), whole numbers from 0 to 255 (uint8). The result is one number. Several t may give the same two
classes (when no pixel lies between them), or the same variance: any of these is right.

By hand:

    image = [[10, 10, 20],       t = 10:  w0 = 2/6, m0 = 10,  w1 = 4/6, m1 = 40,  variance = 2/9 * 30^2 = 200
             [20, 60, 60]]       t = 20:  w0 = 4/6, m0 = 15,  w1 = 2/6, m1 = 60,  variance = 2/9 * 45^2 = 450

    so the result is 20, or any number up to 59.

The image must not be changed. Allowed: NumPy and plain Python.
"""



def otsu_threshold(image):
    """Return the threshold, one number."""
    raise NotImplementedError("otsu_threshold is yours to write")
