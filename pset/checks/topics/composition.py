"""The checks of exercises 2.14 and 2.15: composition."""

import random

from pset.checks.definition import Case, Check, Mistake, Paper, Reading, StandIn
from pset.checks.inputs import SCHEDULES, counted, noised, photograph, random_tokens
from pset.seeded_noise import noise

# --- 2.14 AND, NOT -------------------------------------------------------------------------------


def random_token(rng: random.Random) -> list[float]:
    """A random mean image, nine plain numbers."""
    return random_tokens(rng, 1)[0, 0].tolist()


def compose_cases(rng: random.Random, seed: int) -> list[Case]:
    """Two concepts; three with a NOT and one of weight 0; one concept named twice, ½ and ½."""
    cases = []
    for k, (low, high, batch, size, order, weights) in enumerate(
        [
            (500, 800, 1, (20, 24), [0, 1], [rng.uniform(2, 3), rng.uniform(0.7, 1.5)]),
            (
                100,
                300,
                2,
                (16, 20),
                [0, 1, 2, 3],
                [rng.uniform(2, 3), -rng.uniform(0.7, 1.5), 0, rng.uniform(0.3, 0.6)],
            ),
            (300, 600, 1, (24, 16), [0, 0], [0.5, 0.5]),
        ]
    ):
        t = rng.randint(low, high)
        im = photograph(rng, *size, batch=batch)
        count = max(order) + 1
        weights = [round(weight, 2) for weight in weights]
        several = {
            "tokens": [random_token(rng) for _ in range(count)],
            "scales": [rng.choice([0.15, 0.25, 0.4]) for _ in range(count)],
            "order": order,
        }
        arguments = {
            "x_t": noised(im, t, noise(im.shape, seed + k)),
            "t": t,
            "estimate_null": StandIn("remembering estimate", {"token": random_token(rng)}),
            "estimates": StandIn("remembering estimates", several),
            "weights": weights,
        }
        shown = ", ".join(f"{weight:g}" for weight in weights)
        cases.append(Case(f"{counted(batch, 'image')} at t = {t}, weights {shown}", arguments))
    return cases


COMPOSE = Check(
    exercise="2.14",
    function="compose",
    title="AND, NOT",
    make_cases=compose_cases,
    read=Reading(
        "where equation (1) starts from, what each weight multiplies, and what a negative one does",
        section="2.14 AND, NOT",
        paper=Paper(
            "Liu and others, Compositional Visual Generation with Composable Diffusion Models",
            "https://arxiv.org/abs/2206.01714",
        ),
        at="section 3",
    ),
    mistakes=(
        Mistake(
            "no_null",
            "You add up the weighted estimates, and the null prompt's estimate is nowhere. With "
            "weights ½ and ½ you won't notice. But if the weights don't add up to 1, your noise "
            "estimate is too strong or too weak, and a NOT only takes noise away.",
        ),
        Mistake(
            "null_not_added",
            "You add up the directions, but leave out where they start from. With all weights 0, "
            "what should be left?",
        ),
        Mistake(
            "null_added_for_each",
            "The null prompt's estimate is in your sum once for each concept. It's the one "
            "starting point of all of them.",
        ),
        Mistake(
            "weights_normalised",
            "You've divided the weights by their sum. They aren't shares of one whole: each says "
            "how far to go towards its own concept. A concept with its opposite has the sum 0.",
        ),
        Mistake(
            "mean_of_directions",
            "You average over the concepts. Then a concept of weight 0 weakens all the others; it "
            "shouldn't change anything.",
        ),
        Mistake(
            "not_as_minus_estimate",
            "For a negative weight you subtract the concept's whole estimate. Most of that is "
            "noise that every prompt agrees on, and you'd take it away too. What's special about "
            "the concept is the difference from the null prompt.",
        ),
        Mistake(
            "not_as_and",
            "Your negative weights count as positive ones: you go towards what the picture should "
            "avoid.",
        ),
        Mistake(
            "not_left_out",
            "You leave out the concepts with a negative weight. NOT means away from them, which "
            "isn't the same as not asking.",
        ),
        Mistake(
            "directions_reversed",
            "Your directions point from the concept to the null prompt, so AND leads away from "
            "everything you ask for.",
        ),
        Mistake(
            "chained",
            "Each of your concepts starts from where the one before it has arrived. All of them "
            "start from the null prompt's estimate. (Perhaps you write your sum into that very "
            "tensor?)",
        ),
        Mistake(
            "null_at_another_x",
            "The null prompt's estimate is for another image than the others. The difference of "
            "two estimates is a direction only if both look at the same x_t.",
        ),
        Mistake(
            "weights_shifted",
            "Each estimate has its neighbour's weight. They belong together in the order that "
            "you're given them.",
        ),
        Mistake(
            "variance_of_null",
            "The noise is right, but your variance is the null prompt's. By the course's "
            "convention, it's the mean over the concepts with a positive weight.",
        ),
        Mistake(
            "variance_of_all",
            "The noise is right, but your variance is the mean over all concepts, also those that "
            "the picture should avoid. By the course's convention, only those with a positive "
            "weight count.",
        ),
        Mistake(
            "variance_of_the_first",
            "The noise is right, but your variance is the first concept's alone. By the course's "
            "convention, it's the mean over the concepts with a positive weight.",
        ),
        Mistake(
            "variance_composed",
            "The noise is right, but you compose the variance the same way. By the course's "
            "convention, it's the mean over the concepts with a positive weight.",
        ),
    ),
)

# --- 2.15 a product of densities -----------------------------------------------------------------


def gaussian_product_cases(rng: random.Random, seed: int) -> list[Case]:
    """Two and three factors; the course's schedule, and another one."""
    cases = []
    for k, (count, low, high, batch, schedule) in enumerate(
        [(2, 350, 550, 1, "cosine"), (3, 200, 350, 2, "linear"), (3, 550, 700, 1, "cosine")]
    ):
        t = rng.randint(low, high)
        scale = round(rng.uniform(0.5, 0.8), 2)
        im = photograph(rng, 12, 16, batch=batch)
        factors = {
            "tokens": [random_token(rng) for _ in range(count)],
            "scale": scale,
            "schedule": schedule,
        }
        arguments = {
            "x_t": noised(im, t, noise(im.shape, seed + k)),
            "t": t,
            "estimates": StandIn("gaussian estimates", factors),
            "alphas_cumprod": SCHEDULES[schedule](),
            "scale": scale,
        }
        name = f"{count} factors with s = {scale:g} at t = {t}, {schedule} schedule"
        cases.append(Case(name, arguments))
    return cases


GAUSSIAN_PRODUCT = Check(
    exercise="2.15",
    function="gaussian_product",
    title="a product of densities",
    make_cases=gaussian_product_cases,
    read=Reading(
        "which variance the product has at t = 0, which one it has when it's noised to t, and "
        "which one each factor has there",
        section="2.15 A product of densities",
        paper=Paper(
            "Du and others, Reduce, Reuse, Recycle: Compositional Generation with Energy-Based "
            "Diffusion Models and MCMC",
            "https://arxiv.org/abs/2302.11552",
        ),
        at="section 3",
    ),
    mistakes=(
        Mistake(
            "sum_at_every_t",
            "You add up the estimates, as the lecture's slide on compositionality does with the "
            "scores. At t = 0 that's the product. At any other t it's the score of the noised "
            "factors' product, and you want the one of the product, noised. Which of the two has "
            "the larger variance?",
        ),
        Mistake(
            "mean_at_every_t",
            "You take the mean of the estimates. That's the geometric mean of the densities: its "
            "centre is right, but it's as wide as each of its factors. The product is narrower.",
        ),
        Mistake(
            "mixed_by_alpha_bar",
            "You go from the mean of the estimates at t = T to their sum at t = 0, and both ends "
            "are right. In between the weight isn't a straight line in ᾱ_t. It's a ratio of two "
            "variances.",
        ),
        Mistake(
            "ratio_inverted",
            "Your ratio of variances is upside down. A narrower density has a steeper score: "
            "should the product's be weaker or stronger than the factors' mean?",
        ),
        Mistake(
            "scale_not_squared",
            "You use s where its square belongs. s is a standard deviation; what adds up is "
            "variances.",
        ),
        Mistake(
            "deviation_divided_by_n",
            "Your product is too narrow. Multiplying n densities divides the variance by n. You've "
            "divided the standard deviation.",
        ),
        Mistake(
            "variance_by_root_of_n",
            "Your product is too wide. Multiplying n densities divides the variance by n, not by "
            "its square root.",
        ),
        Mistake(
            "alpha_bar_not_multiplied",
            "At t, a factor's variance still counts in full for you. The forward process has "
            "scaled the image down by then.",
        ),
        Mistake(
            "root_of_alpha_bar",
            "You scale the image's variance by √ᾱ_t. That's the weight of the image; its variance "
            "is scaled by the square of it.",
        ),
        Mistake(
            "alpha_bar_swapped",
            "You've swapped ᾱ_t and 1 − ᾱ_t: at small t, your noised density is nearly all noise.",
        ),
        Mistake(
            "two_factors",
            "It's right for two factors, but not for three: there's a 2 where the number of "
            "factors belongs.",
        ),
        Mistake(
            "own_schedule",
            "Your ᾱ_t comes from the course's schedule, whatever `alphas_cumprod` says.",
        ),
        Mistake(
            "variance_weighted",
            "The noise is right, but you give the variance channels the same weight. By the "
            "course's convention, they're the mean of the estimates'.",
        ),
        Mistake(
            "variance_of_the_first",
            "The noise is right, but your variance is the first estimate's alone. By the course's "
            "convention, it's the mean of all.",
        ),
    ),
)

# --- 2.15b Langevin corrections ------------------------------------------------------------------


def langevin_cases(rng: random.Random, seed: int) -> list[Case]:
    """Few steps and many; the course's schedule, and another one; two hills each."""
    cases = []
    for k, (count, low, high, batch, schedule) in enumerate(
        [(3, 350, 600, 1, "cosine"), (2, 150, 300, 2, "linear"), (5, 600, 750, 1, "cosine")]
    ):
        t = rng.randint(low, high)
        step_size = round(rng.uniform(0.1, 0.3), 2)
        im = photograph(rng, 12, 16, batch=batch)
        tokens = random_tokens(rng, 2)[0].tolist()
        arguments = {
            "x_t": noised(im, t, noise(im.shape, seed + k)),
            "t": t,
            "estimate": StandIn(
                "estimate",
                {"tokens": tokens, "scale": rng.uniform(0.4, 0.6), "schedule": schedule},
            ),
            "alphas_cumprod": SCHEDULES[schedule](),
            "noises": noise((count, *im.shape), seed + 10 + k),
            "step_size": step_size,
        }
        cases.append(Case(f"{count} steps of {step_size:g} at t = {t}, {schedule}", arguments))
    return cases


LANGEVIN = Check(
    exercise="2.15b",
    function="langevin",
    title="Langevin steps",
    make_cases=langevin_cases,
    read=Reading(
        "how the score follows from the noise estimate, what η is at timestep t, and how much "
        "noise goes with a step of that size",
        section="Langevin steps",
        paper=Paper(
            "Song and Ermon, Generative Modeling by Estimating Gradients of the Data Distribution",
            "https://arxiv.org/abs/1907.05600",
        ),
        at="algorithm 1",
    ),
    mistakes=(
        Mistake(
            "no_noise",
            "You only follow the score. Then all samples climb to the top of the nearest hill; "
            "it's the noise in each step that keeps them spread out as far as the density is.",
        ),
        Mistake(
            "noise_not_rooted",
            "Your noise has the weight 2η. The *variance* of a step's noise is 2η.",
        ),
        Mistake(
            "noise_without_two",
            "Your noise has the variance η. With half the noise, the samples end up too close to "
            "the hill tops.",
        ),
        Mistake(
            "half_steps",
            "You take η/2 of the score and √η of the noise. These are right Langevin steps in "
            "another convention, but they're half as long as those of equation (3).",
        ),
        Mistake(
            "noise_estimate_for_score",
            "You follow −ε itself. Something's missing between the noise estimate and the score: "
            "see the end of the first notebook.",
        ),
        Mistake(
            "divided_by_variance",
            "Your score is too steep: you divide ε by the variance of the noise. Which power of σ "
            "is it in Tweedie's formula?",
        ),
        Mistake(
            "downhill",
            "You walk down the hill, away from likely images. The score and the noise estimate "
            "have opposite signs.",
        ),
        Mistake(
            "step_not_scaled",
            "Your steps are equally long at every t. They should be as long as the noise at t "
            "allows: η is in proportion to its variance.",
        ),
        Mistake(
            "step_by_deviation",
            "Your η is in proportion to the standard deviation of the noise. It should be its "
            "variance.",
        ),
        Mistake(
            "score_of_the_start",
            "You ask for the score once, and use it in every step. After a step, the image is "
            "somewhere else: ask again.",
        ),
        Mistake(
            "same_noise",
            "Every step of yours uses the same noise. There's one for each step in `noises`.",
        ),
        Mistake("one_step", "You take one step. There's one for each noise in `noises`."),
        Mistake(
            "own_schedule",
            "Your ᾱ_t comes from the course's schedule, whatever `alphas_cumprod` says.",
        ),
    ),
)

CHECKS = (COMPOSE, GAUSSIAN_PRODUCT, LANGEVIN)
