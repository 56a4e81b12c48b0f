"""The checks of exercises 2.11 to 2.13: which views are allowed, views, and many at once."""

import random
from collections.abc import Sequence

import torch

from pset.checks.definition import Answers, Case, Check, Mistake, Paper, Reading, StandIn
from pset.checks.inputs import counted, noised, photograph, random_tokens
from pset.checks.stand_in_views import ORTHOGONAL, OTHERS, view
from pset.seeded_noise import noise

VISUAL_ANAGRAMS = Paper(
    "Geng, Park and Owens, Visual Anagrams: Generating Multi-View Optical Illusions with "
    "Diffusion Models",
    "https://arxiv.org/abs/2311.17919",
)

# --- 2.11 the law --------------------------------------------------------------------------------


def law_cases(rng: random.Random, seed: int) -> list[Case]:
    """Every kind of view, in random order, for images of 8 and of 12 pixels."""
    amounts = {
        "quarter turns": rng.choice([1, 3]),
        "a skew by whole pixels": rng.randint(5, 23) / 16,
        "a turn with interpolation": 135.0,
        "a blur": rng.uniform(0.6, 1.2),
        "a factor": rng.uniform(1.3, 1.8),
        "a constant added": rng.uniform(0.2, 0.5),
    }
    kinds = [*ORTHOGONAL, *OTHERS]
    rng.shuffle(kinds)  # the place in the list says nothing
    cases = []
    for k, kind in enumerate(kinds):
        about = {"kind": kind, "allowed": kind in ORTHOGONAL, "shape": ()}
        built = StandIn("view", {"kind": kind, "seed": seed + k, "amount": amounts.get(kind, 1.0)})
        cases.append(Case(kind, {"view": built, "size": rng.choice([8, 12])}, about))
    return cases


WHY_NOT = {
    "a turn with interpolation": "its pixels are weighted means, and its corners are lost",
    "a blur": "it makes noise weaker, and neighbouring pixels dependent",
    "a factor": "it changes the strength of the noise",
    "a white balance": "it changes the strength of the noise in each channel",
    "a constant added": "its noise doesn't have mean 0",
    "a clamp to [-1, 1]": "it isn't linear, and noise reaches beyond [-1, 1]",
    "a permutation with one pixel twice": "it loses a pixel, and two others have the same noise",
    "the absolute value": "it isn't linear, and its noise is never negative",
}


def break_the_law(cases: Sequence[Case], answers: Answers) -> str | None:
    """Which views are wrongly accepted or refused, and what that says about the test."""
    said = {
        case.about["kind"]: float(answer) > 0 for case, answer in zip(cases, answers, strict=True)
    }
    accepted = {kind for kind in OTHERS if said[kind]}
    refused = {kind for kind in ORTHOGONAL if not said[kind]}
    if all(said.values()):
        return "accepts_everything"
    if not any(said.values()):
        return "refuses_everything"
    if refused:
        if refused == {"an orthogonal matrix"} and not accepted:
            return "exact_equality"
        return (
            f"You refuse {_listed(refused)}. The network can be asked about "
            f"{'that' if len(refused) == 1 else 'each of them'}: (2) holds for all x and y, up to "
            "rounding."
        )
    if not accepted:
        return None
    for key, must, must_not in TELLTALES:
        if must <= accepted and not must_not & accepted:
            return key
    first = next(kind for kind in OTHERS if kind in accepted)
    return f"You accept {_listed(accepted)}. Think about {first}: {WHY_NOT[first]}."


def _listed(kinds: set[str]) -> str:
    names = sorted(kinds)
    return " and ".join(filter(None, [", ".join(names[:-1]), names[-1]]))


TELLTALES: tuple[tuple[str, set[str], set[str]], ...] = (
    ("linear_only", {"a blur", "a factor", "a white balance"}, {"a constant added"}),
    ("invertible_only", {"a factor", "a constant added"}, {"a turn with interpolation"}),
    ("variance_only", {"a white balance"}, {"a factor"}),
    ("positive_values_only", {"the absolute value", "a clamp to [-1, 1]"}, {"a factor"}),
    ("one_image_at_a_time", {"the absolute value"}, {"a factor"}),
    ("within_range_only", {"a clamp to [-1, 1]"}, {"a factor"}),
)
"""A mistake in the test, the views that it accepts, and one that it would refuse."""

LAW = Check(
    exercise="2.11",
    function="keeps_noise_gaussian",
    title="the law of views",
    make_cases=law_cases,
    properties=break_the_law,
    read=Reading(
        "what a view has to do to image and noise, and why that's equation (2)",
        section="2.11 The law",
        paper=VISUAL_ANAGRAMS,
        at="section 3.3",
    ),
    mistakes=(
        Mistake("accepts_everything", "You accept every view, a blur too."),
        Mistake(
            "refuses_everything",
            "You refuse every view, a mirror too. It only moves pixels, so all inner products stay "
            "the same.",
        ),
        Mistake(
            "linear_only",
            "Your test accepts every linear view, a blur and a factor too. Image and noise stay "
            "apart in those, but is the noise still standard normal?",
        ),
        Mistake(
            "invertible_only",
            "You accept a factor and an added constant. You can undo both, but that's not the "
            "point: what do they do to standard normal noise?",
        ),
        Mistake(
            "variance_only",
            "You accept a white balance that keeps the noise's variance only on average over the "
            "channels. One number for all the noise can't see that: (2) has to hold for all x "
            "and y.",
        ),
        Mistake(
            "positive_values_only",
            "You accept the absolute value and a clamp. Neither changes a value between 0 and 1, "
            "such as a single pixel that's switched on. Noise has other values too.",
        ),
        Mistake(
            "one_image_at_a_time",
            "You accept the absolute value, which keeps the length of every image. (2) is about "
            "two images: what happens to their inner product?",
        ),
        Mistake(
            "within_range_only",
            "You accept a clamp. Your test only uses values from −1 to 1, and noise goes beyond.",
        ),
        Mistake(
            "exact_equality",
            "You refuse a random orthogonal matrix. It keeps (2), but floats are rounded: allow "
            "for a small difference.",
        ),
    ),
)

# --- 2.12 views ----------------------------------------------------------------------------------


def shuffled(rng: random.Random, count: int) -> torch.Tensor:
    """A random order of `count` things, none of which stays in its place."""
    while True:
        order = rng.sample(range(count), count)
        # One that is its own inverse would hide mistakes.
        if all(order[order[k]] != k for k in range(count)):
            return torch.tensor(order)


def pixel_cases(rng: random.Random, seed: int) -> list[Case]:
    """There and back; one image, and two that aren't square."""
    cases = []
    for k, (batch, height, width) in enumerate([(1, 8, 8), (2, 6, 10)]):
        for inverse in (False, True):
            arguments = {
                "x": noise((batch, 3, height, width), seed + k),
                "order": shuffled(rng, height * width),
                "inverse": inverse,
            }
            name = f"{counted(batch, 'image')}{', inverse' if inverse else ''}"
            cases.append(Case(name, arguments))
    return cases


INVERSE_IGNORED = Mistake(
    "inverse_ignored",
    "Your view is right, but its inverse does the same once more. It should bring everything back "
    "to where it was.",
)
DIRECTION = Mistake(
    "direction",
    "You've swapped the view and its inverse: thing k of the result is thing `order[k]` of the "
    "picture, not the other way round.",
)
OVERWRITTEN = Mistake(
    "overwritten",
    "You move things around inside one and the same tensor. What you overwrite is lost when its "
    "own turn comes.",
)
BY_REVERSING = Mistake(
    "by_reversing",
    "For the inverse you read `order` backwards. The inverse isn't the reversed list: it has to "
    "send `order[k]` back to k.",
)

PERMUTE_PIXELS = Check(
    exercise="2.12",
    function="permute_pixels",
    title="a permutation of the pixels",
    make_cases=pixel_cases,
    answers={"pset.checks.stand_in_views.view": view},
    read=Reading(
        "which pixel goes where, and which order brings it back",
        section="2.12 Views",
        paper=VISUAL_ANAGRAMS,
        at="section 3.4",
    ),
    mistakes=(
        INVERSE_IGNORED,
        DIRECTION,
        BY_REVERSING,
        OVERWRITTEN,
        Mistake("column_by_column", "You count pixels column by column. Here it's row by row."),
        Mistake(
            "not_moved",
            "The pixels come back as they were.",
        ),
    ),
)


def patch_cases(rng: random.Random, seed: int) -> list[Case]:
    """There and back; 3 × 3 patches of one image, and 4 × 4 of two that aren't square."""
    cases = []
    for k, (batch, n, height, width) in enumerate([(1, 3, 12, 12), (2, 4, 8, 16)]):
        for inverse in (False, True):
            arguments = {
                "x": noise((batch, 3, height, width), seed + k),
                "order": shuffled(rng, n * n),
                "inverse": inverse,
            }
            name = f"{n} × {n} patches, {counted(batch, 'image')}{', inverse' if inverse else ''}"
            cases.append(Case(name, arguments))
    return cases


PERMUTE_PATCHES = Check(
    exercise="2.12b",
    function="permute_patches",
    title="a permutation of patches",
    make_cases=patch_cases,
    answers={"pset.checks.stand_in_views.view": view},
    read=Reading(
        "how patches are counted, and which order brings them back",
        section="2.12 Views",
        paper=VISUAL_ANAGRAMS,
        at="section 3.4",
    ),
    mistakes=(
        INVERSE_IGNORED,
        DIRECTION,
        BY_REVERSING,
        OVERWRITTEN,
        Mistake("column_by_column", "You count patches column by column. Here it's row by row."),
        Mistake(
            "strips",
            "You cut the picture into runs of pixels, not into patches: a reshape alone doesn't "
            "bring the rows of a patch together.",
        ),
        Mistake(
            "turned",
            "Your patches are in the right places, but each is turned. Inside a patch nothing "
            "should change.",
        ),
    ),
)


def puzzle(rng: random.Random, size: int, cuts: int) -> tuple[torch.Tensor, list[int]]:
    """Pieces that fill the picture again when each makes its quarter turns about the middle.

    The upper left quarter is cut into `cuts` pieces at random, and the other three are cut as it
    is, turned. So each piece fits where any of its three siblings was.
    """
    half = size // 2
    pieces = torch.zeros(size, size, dtype=torch.long)
    cut = torch.tensor([[rng.randrange(cuts) for _ in range(half)] for _ in range(half)])
    for place in range(4):
        quarter = torch.zeros_like(pieces)
        quarter[:half, :half] = 4 * cut + place
        pieces += quarter.rot90(place)
    turns = []
    for _ in range(cuts):
        # Some of the siblings turn differently, or it wouldn't matter where a mask is.
        places = rng.choice([[1, 0, 3, 2], [2, 3, 1, 0], [3, 2, 0, 1], [1, 2, 0, 3]])
        turns += [(to - place) % 4 for place, to in enumerate(places)]
    return pieces, turns


def circle(size: int) -> torch.Tensor:
    """Two pieces: 1 inside a disc, 0 outside."""
    d = torch.arange(size) - (size - 1) / 2
    return (d[:, None] ** 2 + d**2 < (0.4 * size) ** 2).long()


def jigsaw_cases(rng: random.Random, seed: int) -> list[Case]:
    """There and back: pieces that change places, and an inner circle in an odd number of pixels."""
    cases = []
    for k, (batch, size, cuts) in enumerate([(1, 12, 3), (2, 8, 2), (1, 11, 0)]):
        pieces, turns = puzzle(rng, size, cuts) if cuts else (circle(size), [0, rng.choice([1, 3])])
        for inverse in (False, True):
            arguments = {
                "x": noise((batch, 3, size, size), seed + k),
                "pieces": pieces,
                "turns": turns,
                "inverse": inverse,
            }
            name = f"{len(turns)} pieces, {counted(batch, 'image')}{', inverse' if inverse else ''}"
            cases.append(Case(name, arguments))
    return cases


JIGSAW = Check(
    exercise="2.12c",
    function="jigsaw",
    title="a jigsaw puzzle",
    make_cases=jigsaw_cases,
    answers={"pset.checks.stand_in_views.view": view},
    read=Reading(
        "where a piece is before it turns, where it is afterwards, and which way back it has to go",
        section="2.12 Views",
        paper=VISUAL_ANAGRAMS,
        at="section 3.4",
    ),
    mistakes=(
        INVERSE_IGNORED,
        Mistake(
            "direction",
            "Your pieces turn the wrong way: the view does what its inverse should do, and the "
            "other way round.",
        ),
        Mistake(
            "mask_where_it_was",
            "You cut each turned piece out where it *was*. When a piece has turned about the "
            "centre of the picture, it's somewhere else.",
        ),
        Mistake(
            "inverse_mask",
            "The view is right. In its inverse, you turn the pieces back, but put them where they "
            "just came from.",
        ),
        Mistake(
            "only_the_first",
            "You turn the first piece, and leave all the others where they are.",
        ),
        Mistake(
            "all_by_the_first",
            "You turn the whole picture by the first piece's turns. Each piece has its own.",
        ),
        Mistake(
            "not_cleared",
            "You take away nothing: where a piece was, its pixels are still there, added to what "
            "has come.",
        ),
    ),
)


def skew_cases(rng: random.Random, seed: int) -> list[Case]:
    """There and back: a gentle slope, a steep one, and one that goes up."""
    cases = []
    for k, (batch, height, width, low, high) in enumerate(
        [(1, 10, 14, 3, 13), (2, 12, 8, 19, 29), (1, 8, 10, -13, -3)]
    ):
        # Sixteenths, so that slope · j is the same number in every precision.
        slope = rng.randrange(low, high, 2) / 16
        for inverse in (False, True):
            arguments = {
                "x": noise((batch, 3, height, width), seed + k),
                "slope": slope,
                "inverse": inverse,
            }
            name = f"slope {slope}{', inverse' if inverse else ''}"
            cases.append(Case(name, arguments))
    return cases


SKEW = Check(
    exercise="2.12d",
    function="skew",
    title="a skew by whole pixels",
    make_cases=skew_cases,
    answers={"pset.checks.stand_in_views.view": view},
    read=Reading(
        "which way columns move and by how much, and how the inverse gets exactly the same shifts",
        section="2.12 Views",
        paper=VISUAL_ANAGRAMS,
        at="section 3.4",
    ),
    mistakes=(
        INVERSE_IGNORED,
        Mistake("direction", "Your columns move up in the view, and down in its inverse."),
        Mistake(
            "own_rounding",
            "Your view is right. For the inverse, you round −slope · j down, and that's one pixel "
            "further than the view went. Undo the shift that was made.",
        ),
        Mistake(
            "towards_zero",
            "You cut the fraction off. That's rounding down only if it's positive: from −0.5 you "
            "get 0, and it should be −1.",
        ),
        Mistake("rounded", "You round to the nearest whole number. Here it's rounded down."),
        Mistake(
            "interpolated",
            "You shift by fractions of a pixel and interpolate. Means of noisy pixels have less "
            "noise: shift by whole pixels.",
        ),
        Mistake(
            "zeros_come_in",
            "What leaves at one side is lost, and zeros come in at the other. A view has to keep "
            "every pixel.",
        ),
        Mistake("rows", "You shift rows sideways. Here, columns move down."),
    ),
)


def negative_cases(rng: random.Random, seed: int) -> list[Case]:
    """Noise, and variance channels that aren't symmetric around 0."""
    cases = []
    for k, (batch, size) in enumerate([(1, (12, 12)), (2, (8, 10))]):
        shape = (batch, 3, *size)
        variance = (0.6 * noise(shape, seed + 10 + k) + rng.uniform(-0.4, 0.4)).tanh()
        arguments = {"noise": noise(shape, seed + k), "variance": variance}
        cases.append(Case(f"the answers about {counted(batch, 'image')}", arguments))
    return cases


UNDO_NEGATIVE = Check(
    exercise="2.12e",
    function="undo_negative",
    title="back from the negative",
    make_cases=negative_cases,
    read=Reading(
        "what a minus sign does to noise, and what it does to a variance",
        section="2.12 Views",
        paper=VISUAL_ANAGRAMS,
        at="section 3.4",
    ),
    mistakes=(
        Mistake(
            "variance_negated",
            "You negate the variance channels too. Noise and its negative have the same variance: "
            "in −v, the largest variance would become the smallest.",
        ),
        Mistake(
            "nothing_negated",
            "You don't negate anything. The noise estimate is for −x_t, and should be for x_t.",
        ),
        Mistake("the_other_one", "You negate the variance channels, and leave the noise as it is."),
        Mistake("swapped", "You return the variance first. The noise comes first."),
        Mistake(
            "variance_absolute",
            "The noise is right, but you drop the sign of the variance channels. They aren't the "
            "variance itself: they say where it lies between its two bounds, and stay as they are.",
        ),
    ),
)

# --- 2.13 many at once ---------------------------------------------------------------------------


def anagram_cases(rng: random.Random, seed: int) -> list[Case]:
    """Two, three and four views; in one case, none of them leaves the picture as it is."""
    cases = []
    for k, (kinds, low, high, batch, size) in enumerate(
        [
            (["as it is", "a quarter turn"], 500, 800, 1, 16),
            (["shuffled", "negative", "a quarter turn"], 100, 300, 2, 12),
            (["as it is", "shuffled", "mirrored", "negative"], 300, 600, 1, 12),
        ]
    ):
        t = rng.randint(low, high)
        im = photograph(rng, size, size, batch=batch)
        arguments = {
            "x_t": noised(im, t, noise(im.shape, seed + k)),
            "t": t,
            "views": StandIn("view pairs", {"kinds": kinds, "seed": rng.getrandbits(32)}),
            "estimates": StandIn(
                "remembering estimates",
                {
                    "tokens": [random_tokens(rng, 1)[0, 0].tolist() for _ in kinds],
                    "scales": [rng.choice([0.15, 0.25, 0.4]) for _ in kinds],
                    "order": list(range(len(kinds))),
                },
            ),
        }
        cases.append(Case(f"{len(kinds)} views of {counted(batch, 'image')} at t = {t}", arguments))
    return cases


ANAGRAMS = Check(
    exercise="2.13",
    function="anagram",
    title="many views at once",
    make_cases=anagram_cases,
    read=Reading(
        "what each estimate looks at, how both halves of its answer come back, and what you "
        "average",
        section="2.13 Many views at once",
        paper=VISUAL_ANAGRAMS,
        at="section 3.2",
    ),
    mistakes=(
        Mistake(
            "sum_for_mean",
            "You add up the answers. It's their mean: as a sum, your noise estimate is n times as "
            "strong as the noise.",
        ),
        Mistake(
            "not_undone",
            "You average the answers as they come. Each is about its own view, and has to be "
            "brought back to the picture first.",
        ),
        Mistake(
            "variance_not_undone",
            "The noise is right, but you average the variance channels as they come. They belong "
            "to the views too.",
        ),
        Mistake(
            "variance_as_noise",
            "The noise is right, but you bring the variance back like a noise estimate. In a "
            "negative, the two come back differently: `undo` takes both.",
        ),
        Mistake(
            "variance_of_the_first",
            "The noise is right, but your variance is the first view's alone. By the course's "
            "convention, it's the mean of all views'.",
        ),
        Mistake(
            "views_ignored",
            "All your estimates look at the picture as it is. That mixes the prompts; each should "
            "look at its own view.",
        ),
        Mistake(
            "one_after_the_other",
            "You apply each view to the result of the view before. Each view starts from x_t.",
        ),
        Mistake(
            "images_averaged",
            "You average the views of the image before the estimates look at them. Each estimate "
            "should see one whole view; average what they return.",
        ),
        Mistake(
            "two_only",
            "You're right for two views, but with three or four you only use the first two.",
        ),
        Mistake(
            "estimates_reversed",
            "Your views and your estimates are in opposite orders: estimate i belongs to view i.",
        ),
    ),
)

CHECKS = (
    LAW,
    PERMUTE_PIXELS,
    PERMUTE_PATCHES,
    JIGSAW,
    SKEW,
    UNDO_NEGATIVE,
    ANAGRAMS,
)
