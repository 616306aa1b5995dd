"""Causes and hints of backprop_graph."""

from __future__ import annotations

TEXTS: dict[str, tuple[str, str]] = {
    # adding
    "gradients-overwritten": (
        "A value that is used more than once keeps one of its gradients only ({detail}).",
        "y = a * b + a: in how many places does a come in, and what does each of them give? By how much does y change "
        "when a grows a little?",
    ),
    "gradients-averaged": (
        "The gradients that come to one value are averaged ({detail}).",
        "y = a + a: by how much does y grow when a grows by 1?",
    ),
    "gradients-subtracted": (
        "The gradients that come to one value are subtracted ({detail}).",
        "y = a + a: by how much does y grow when a grows by 1?",
    ),
    "gradients-multiplied": (
        "The gradients that come to one value are multiplied.",
        "Along one way from the loss to a value factors are multiplied. What is done with several ways?",
    ),
    "largest-gradient-kept": (
        "Of the gradients that come to one value only the largest is kept.",
        "y = a * b + a: by how much does y change when a grows a little?",
    ),
    "gradients-share-memory": (
        "Two values hold the same array as their gradient: what is added to one of them in place comes to the other as "
        "well ({detail}).",
        "After g[i] = grad and g[j] = grad: how many arrays are there? What does g[i] += 1 do to g[j]?",
    ),
    "same-input-counted-once": (
        "A node with the same input twice, such as mul(a, a), gives it one gradient only ({detail}).",
        "What is the derivative of a * a? What does your code do with the second input of this node?",
    ),
    "gradient-handed-on-again": (
        "A node hands its gradient on again for each use of its value, and with it what it has handed on before.",
        "A value is used by two nodes. How often is the node visited that made it, and what is its gradient each time?",
    ),
    # order
    "handed-on-too-early": (
        "A node hands its gradient on before all of it has come in ({detail}): what comes later is lost.",
        "A value is used by two nodes, and one of these is itself an input of the other. After which nodes is its "
        "gradient whole? In which order does the tuple of nodes stand?",
    ),
    "first-node-left-out": (
        "The first node hands nothing on.",
        "Where does your loop end? range(n, 0, -1) does not contain 0.",
    ),
    "only-the-last-node": (
        "Only the last node, which makes the loss, hands a gradient on; the others are visited before theirs has come "
        "in, or not at all.",
        "Which gradient is known at the beginning, and which node can therefore be the first to hand one on? Is there "
        "a return inside the loop?",
    ),
    "nothing-handed-on": (
        "All gradients are zero, whatever the graph is: nothing is handed on from the loss.",
        "By how much does the loss change when the loss grows by 1? Where does this number stand at the beginning, and "
        "does the last node hand it on?",
    ),
    "another-node-visited": (
        "The gradient of a value is handed on by another node than the one that made the value ({detail}).",
        "Value 3 is made by entry 0 of the tuple. By which entry is value k made?",
    ),
    "every-value-begins-with-one": (
        "Each value begins with the gradient 1, as if it were a loss of its own ({detail}).",
        "Before anything is handed on, of how many values is the gradient known?",
    ),
    "only-the-first-input": (
        "A node gives a gradient to one of its inputs only ({detail}).",
        "How many inputs has mul, and how many gradients does it give?",
    ),
    "unused-values-count": (
        "Values from which no way leads to the loss hand gradients on too, as if each were a loss of its own.",
        "By how much does the loss change when a value changes that it does not depend on?",
    ),
    "input-numbers-one-off": (
        "Gradients go to the neighbours of the values that they belong to: the numbers are {detail}.",
        "Which number has the value that the first node makes? And which has a?",
    ),
    # local gradients
    "factors-not-exchanged": (
        "Each factor of a product is multiplied by itself, not by the other one ({detail}).",
        "y = 3 * 5: by how much does y grow when the 3 grows by 1? By the 3 or by the 5?",
    ),
    "product-instead-of-factor": (
        "mul multiplies the gradient by the product, where the other factor belongs.",
        "y = 3 * 5: by how much does y grow when the 3 grows by 1?",
    ),
    "factor-missing": (
        "mul hands its gradient on without the other factor ({detail}).",
        "y = 3 * 5: by how much does y grow when the 3 grows by 1?",
    ),
    "sign-of-the-subtraction-lost": (
        "sub gives both of its inputs the same gradient.",
        "y = 3 - 5: does y go up or down when the 5 grows?",
    ),
    "sign-of-the-subtraction-on-the-wrong-side": (
        "sub puts the minus on the wrong input ({detail}).",
        "y = 3 - 5: does y go up or down when the 3 grows, and when the 5 grows?",
    ),
    "gradient-halved": (
        "The gradient is shared out {detail}.",
        "y = 3 + 5: by how much does y grow when the 3 grows by 1?",
    ),
    "values-instead-of-the-upstream": (
        "Values are handed on as gradients ({detail}).",
        "y = 3 + 5: does it matter for the gradient of y how large the 3 is?",
    ),
    "matrix-not-transposed": (
        "A matrix is not transposed in the gradient of a matrix product ({detail}).",
        "For y = a @ b write down the shapes of y's gradient, of a and of b, all three different. Which product has "
        "the shape of a?",
    ),
    "matrices-in-the-wrong-order": (
        "The factors stand in the wrong order in the gradient of a matrix product ({detail}).",
        "For y = a @ b write down the shapes of y's gradient, of a and of b, all three different. Which product has "
        "the shape of a?",
    ),
    "upstream-transposed": (
        "The gradient is transposed in place of the matrix ({detail}).",
        "Which shape must the result have, and which does your product have when the matrices are not square?",
    ),
    "matrices-not-exchanged": (
        "The gradient of the left matrix is given to the right one, and the other way round.",
        "In which order stand the inputs of the node, and in which order your two gradients?",
    ),
    "matrix-product-like-mul": (
        "The gradient of a matrix product is taken entry by entry, as for mul.",
        "In y = a @ b, in how many entries of y does a[0, 0] come in?",
    ),
    "relu-without-mask": (
        "relu lets the whole gradient through.",
        "The input is -3: by how much does relu's value change when the input grows a little?",
    ),
    "relu-mask-at-zero": (
        "relu lets the gradient through where its input is 0; the rule here is 0 there.",
        "Which comparison is it: > or >=?",
    ),
    "relu-mask-of-the-upstream": (
        "relu looks at the sign of the gradient ({detail}); only the sign of its input matters.",
        "The input is 3 and the gradient -2: what does relu hand on?",
    ),
    "relu-mask-inverted": (
        "relu lets the gradient through where its input is negative.",
        "For which inputs does the value of relu change with the input?",
    ),
    "relu-times-the-value": (
        "relu multiplies the gradient by a value ({detail}), where only 0 or 1 is possible.",
        "The input is 3: by how much does relu's value grow when the input grows by 1?",
    ),
    "sum-taken-for-a-mean": (
        "sum divides by the number of entries.",
        "y = 3 + 5 + 7: by how much does y grow when the 3 grows by 1?",
    ),
    "sum-times-the-values": (
        "sum multiplies the gradient by the entries.",
        "y = 3 + 5 + 7: by how much does y grow when the 3 grows by 1?",
    ),
    "sum-times-the-size": (
        "sum multiplies the gradient by the number of entries.",
        "y = 3 + 5 + 7: by how much does y grow when the 3 grows by 1?",
    ),
    "upstream-ignored-in-a-node": (
        "A node hands on its own derivative alone, without the gradient that came to it ({detail}).",
        "The chain rule is a product. Which two factors has it at each node?",
    ),
    # loss
    "loss-instead-of-one": (
        "The backward pass begins with the loss itself.",
        "By how much does the loss change when the loss grows by 1?",
    ),
    "gradient-of-half-the-square": (
        "The backward pass begins with twice the loss: the gradient is that of the squared loss.",
        "By how much does the loss change when the loss grows by 1?",
    ),
    "gradients-not-filled-in": (
        "Some gradients are always zero ({detail}), the others are right.",
        "Which entries of your list belong to a, b and c?",
    ),
    "unused-gradient-is-one-number": (
        "The gradient of an array that the loss does not depend on is one number ({detail}); it should be zeros, one "
        "for each entry of the array.",
        "Which shape has the gradient of an array, whatever the graph is?",
    ),
    "values-instead-of-gradients": (
        "a, b and c themselves are returned.",
        "Which of your lists holds the gradients?",
    ),
    "gradients-of-nodes": (
        "The gradients of other values are returned ({detail}), where those of values 0, 1 and 2 are asked for.",
        "Which numbers have a, b and c?",
    ),
    # where
    "several-uses-mishandled": (
        "It is right where each value is used once, and wrong where one is used several times.",
        "y = a * b + a: which two gradients come to a, and what becomes of them in your code?",
    ),
    "same-input-twice-mishandled": (
        "It is right but where a node has the same input twice, such as mul(a, a).",
        "What is the derivative of a * a, and which two parts does it have?",
    ),
    "unused-values-mishandled": (
        "It is right but where the loss does not depend on some value.",
        "What is the gradient of a value that changes nothing, and which shape has it?",
    ),
    "matrix-product-mishandled": (
        "It is right but where there is a matrix product.",
        "For y = a @ b write down the shapes of y's gradient, of a and of b. Which product has the shape of a?",
    ),
    "relu-mishandled": (
        "It is right but where there is a relu.",
        "For which inputs does the value of relu change with the input?",
    ),
    "subtraction-mishandled": (
        "It is right but where there is a subtraction.",
        "y = 3 - 5: does y go up or down when the 3 grows, and when the 5 grows?",
    ),
    "order-mishandled": (
        "It is right but where a shorter and a longer way lead to one value.",
        "Which gradients must have come to a value before its node may hand its own on?",
    ),
    "inner-sum-mishandled": (
        "It is right but where a sum stands before the end.",
        "What shape has the value of a sum, and what shape the gradient that it gives on?",
    ),
}
"""Cause: (what it suggests, hint)."""
