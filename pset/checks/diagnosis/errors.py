"""Explain the exception that stopped a student's function by its usual cause."""

import re

CAUSES: tuple[tuple[str, str], ...] = (
    (
        r"size of tensor a \((6|3)\) must match the size of tensor b \((?!\1)(6|3)\).*dimension 1",
        "Six channels meet three: the network returns noise and variance together. Take three of "
        "them first.",
    ),
    (
        r"size of tensor a .* must match the size of tensor b|Sizes of tensors must match|"
        r"shape .* is invalid for input|mat1 and mat2 shapes|shapes? .*(mismatch|cannot be)",
        "Two shapes don't fit. The test's images have another size, and another number in the "
        "batch, than the notebook's: nothing may be fixed to those.",
    ),
    (
        r"'NoneType' object|NoneType",
        "Something is None: a function of yours, such as one that you pass on, has no `return`.",
    ),
    (
        r"has no attribute 'scheduler'",
        "The model that you're given has `unet` and `alphas_cumprod`, and no scheduler. You don't "
        "need more.",
    ),
    (
        r"leaf Variable that requires grad|modified by an inplace operation",
        "You change a tensor in place that belongs to a gradient. `x = x + y` makes a new one, "
        "`x += y` doesn't.",
    ),
    (
        r"does not require grad|does not have a grad_fn",
        "Nothing that this was computed from asks for a gradient, or gradients are switched off. "
        "If you train something, thaw it with `requires_grad_()`, and compute with "
        "`torch.enable_grad()`. Most functions need no gradient.",
    ),
    (
        r"Expected all tensors to be on the same device|device type|cuda",
        "Your tensors are on different devices. Make new ones where the given ones are: "
        "`device=x.device`.",
    ),
    (
        r"(expected|same) (scalar type|dtype)|must have the same dtype|expected m1 and m2|"
        r"not implemented for 'Half'",
        "Two number formats don't fit. Keep the format of what you're given, float32.",
    ),
    (
        r"not enough values to unpack|too many values to unpack",
        "You take apart something that has another number of parts than you expect. What does that "
        "call return: one tensor, a tuple, or noise and variance?",
    ),
    (
        r"IndexError: index .* is out of (bounds|range)|list index out of range|"
        r"tuple index out of range",
        "An index is too large. A schedule has entries 0 to 999; a list of n timesteps has 0 to "
        "n − 1.",
    ),
    (
        r"missing \d+ required positional argument",
        "A call has too few arguments. Which ones does that function need?",
    ),
    (
        r"got an unexpected keyword argument|positional arguments? but \d+ were given",
        "A call has an argument that the function doesn't take.",
    ),
    (
        r"only (integer tensors|one element tensors)|"
        r"indices must be integers|slice indices must be integers|"
        r"tensors used as indices must be long",
        "An index has to be an integer.",
    ),
    (
        r"is not subscriptable|is not callable|is not iterable",
        "Something isn't what you take it for: parentheses call a function, and brackets take an "
        "entry.",
    ),
    (
        r"UnboundLocalError|NameError",
        "A name is used that has no value at that point. Is it defined in another cell, or only "
        "under a condition?",
    ),
    (
        r"RecursionError",
        "Your function calls itself without an end.",
    ),
    (r"ZeroDivisionError", "You divide by zero."),
    (
        r"math domain error|expected a nonnegative input",
        "A square root or a logarithm gets a negative number.",
    ),
)
"""A pattern of an error's text, and its cause for a student; the first that matches counts."""


def cause(error: str) -> str:
    """The usual cause of an error; "" if it's none of the usual ones."""
    for pattern, says in CAUSES:
        if re.search(pattern, error):
            return says
    return ""
