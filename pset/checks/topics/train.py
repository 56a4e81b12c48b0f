"""The checks of exercises 2.19 to 2.22: networks, flow matching, DDIM, a transformer."""

import random
from collections.abc import Sequence

import torch

from pset.checks import trial_measures
from pset.checks.definition import Answers, Case, Check, Mistake, Paper, Reading, StandIn
from pset.checks.inputs import SCHEDULES, counted, noised, photograph, random_tokens
from pset.checks.trial_measures import block_shapes, length, unet_shapes
from pset.checks.trials import Trial
from pset.seeded_noise import noise

FLOW_MATCHING = Paper(
    "Lipman and others, Flow Matching for Generative Modeling", "https://arxiv.org/abs/2210.02747"
)
DDIM = Paper(
    "Song, Meng and Ermon, Denoising Diffusion Implicit Models", "https://arxiv.org/abs/2010.02502"
)
DIT = Paper(
    "Peebles and Xie, Scalable Diffusion Models with Transformers",
    "https://arxiv.org/abs/2212.09748",
)

NEGLIGIBLE = 1e-4
"""A share that's only rounding; what depends on something does so by far more than this."""

# --- 2.19 a U-Net --------------------------------------------------------------------------------


def unet_cases(rng: random.Random, seed: int) -> list[Case]:
    """Two sizes: the widths of the way through follow from them."""
    return [
        Trial(
            f"{channels} channels, width {width}, {classes} classes",
            {"channels": channels, "width": width, "classes": classes, "seed": seed % 2**31},
            {"shape": (length(unet_shapes(channels, classes)),)},
            trial="unet",
        )
        for channels, width, classes in [(8, 8, rng.randint(3, 6))]
    ]


NO_SKIP, FROM_BELOW = 0.27, 0.52
"""With 8 channels and a width of 8, a quarter of the image's numbers fit through the bottom, and
half of them through the middle."""


def break_the_unet(cases: Sequence[Case], answers: Answers) -> str | None:
    """What a U-Net's measurements say is wrong with it."""
    for case, answer in zip(cases, answers, strict=True):
        measured = trial_measures.unet(answer, case.arguments)
        unused, by_time, by_label, no_class, by_batch, rank = measured
        found = {
            "batch_mixed": by_batch > 1e-3,
            "time_unused": by_time < NEGLIGIBLE,
            "label_unused": by_label < NEGLIGIBLE,
            "no_class_is_a_class": no_class < NEGLIGIBLE,
            "no_skip": rank <= NO_SKIP,
            "skip_from_below": rank <= FROM_BELOW,
            "parameters_unused": unused > 0,
        }
        wrong = next((key for key, is_so in found.items() if is_so), None)
        if wrong:
            return wrong
    return None


UNET = Check(
    exercise="2.19",
    function="unet",
    title="a U-Net",
    make_cases=unet_cases,
    properties=break_the_unet,
    read=Reading(
        "what reaches each level on the way up, and where time and label come in",
        section="2.19 A U-Net",
        paper=Paper(
            "Ronneberger, Fischer and Brox, U-Net: Convolutional Networks for Biomedical Image "
            "Segmentation",
            "https://arxiv.org/abs/1505.04597",
        ),
        at="figure 1",
    ),
    mistakes=(
        Mistake(
            "no_skip",
            "Everything in your network passes through the bottom, where there's room for a "
            "quarter of the picture's numbers. What should each level on the way up get from the "
            "way down?",
        ),
        Mistake(
            "skip_from_below",
            "No more reaches your output than fits through the half-sized level. The skip "
            "connection at full size is missing, or it carries features of another level.",
        ),
        Mistake(
            "time_unused",
            "Your network gives the same answer at every time. The vector for the time has to be "
            "added where the network still does something afterwards.",
        ),
        Mistake(
            "label_unused", "Your network gives the same answer for every label, none included."
        ),
        Mistake(
            "no_class_is_a_class",
            "The label `classes` means “no class”, but to your network it's one of the classes. It "
            "needs a vector of its own.",
        ),
        Mistake(
            "batch_mixed",
            "What your network says about an image depends on the other images in the batch. Each "
            "has its own time and its own label.",
        ),
        Mistake(
            "parameters_unused",
            "Some of your network's parameters get no gradient: the output doesn't depend on them. "
            "Is there a layer that you make but don't call?",
        ),
    ),
)

# --- 2.20 flow matching --------------------------------------------------------------------------


def times(rng: random.Random, count: int) -> torch.Tensor:
    """Times in (0, 1), one for each image, all different from ½ and from each other."""
    return torch.tensor([rng.choice([0.05, 0.6]) + 0.35 * rng.random() for _ in range(count)])


def pair_cases(rng: random.Random, seed: int) -> list[Case]:
    """One image and several, each with its own time."""
    cases = []
    for k, (batch, height, width) in enumerate([(1, 16, 20), (3, 20, 12)]):
        im = photograph(rng, height, width, batch=batch)
        arguments = {"x_0": im, "noise": noise(im.shape, seed + k), "t": times(rng, batch)}
        cases.append(Case(counted(batch, "image"), arguments))
    return cases


PAIR = Check(
    exercise="2.20",
    function="flow_pair",
    title="flow matching",
    make_cases=pair_cases,
    parts=2,
    read=Reading(
        "which end of time is noise, and the derivative of (1)",
        section="2.20 Flow matching",
        paper=FLOW_MATCHING,
        at="section 4.1",
    ),
    mistakes=(
        Mistake(
            "time_reversed",
            "Your time runs the other way: here t = 0 is noise, and t = 1 is data. (Some papers do "
            "it your way.)",
        ),
        Mistake(
            "image_reversed",
            "Your x_t is noise at t = 1, where it should be data. The velocity is right.",
        ),
        Mistake("sign", "Your velocity points from the image to the noise. Which way does t go?"),
        Mistake(
            "square_roots",
            "You mix image and noise with square roots, as the forward process does. This line is "
            "straight: the weights themselves add up to 1.",
        ),
        Mistake(
            "rest_of_the_way",
            "Your velocity is the rest of the way, from x_t to the image. It gets shorter as t "
            "grows, but the velocity along a straight line doesn't change.",
        ),
        Mistake(
            "noise_as_target",
            "Your target is the noise, as in the earlier notebooks. Here it's a velocity.",
        ),
        Mistake("image_as_target", "Your target is the image. It should be the velocity of x_t."),
        Mistake(
            "one_time_for_all",
            "All of your images have the first one's time. `t` has one for each of them.",
        ),
    ),
)

# --- 2.20b a training step -----------------------------------------------------------------------


def step_cases(rng: random.Random, seed: int) -> list[Case]:
    """Small batches in which some images lose their label and others don't."""
    cases: list[Case] = []
    for k, (batch, classes) in enumerate([(4, 3), (5, 4)]):
        im = photograph(rng, 12, 8, batch=batch)
        dropped = [True, False, *(rng.random() < 0.5 for _ in range(batch - 2))]
        rng.shuffle(dropped)
        arguments = {
            "net": StandIn("flow network", {"classes": classes, "seed": rng.randrange(1 << 30)}),
            "x_0": im,
            "label": torch.tensor([1 + n % (classes - 1) for n in range(batch)]),
            "noise": noise(im.shape, seed + k),
            "t": times(rng, batch),
            "dropped": torch.tensor(dropped),
            "classes": classes,
        }
        name = f"{batch} images, {sum(dropped)} of them without a label"
        cases.append(Trial(name, arguments, trial="training step"))
    return cases


STEP = Check(
    exercise="2.20b",
    function="flow_step",
    title="a training step",
    make_cases=step_cases,
    tolerance=1e-3,
    read=Reading(
        "the order of a training step, what the network is given, and what its answer is compared "
        "with",
        section="A training step",
        paper=FLOW_MATCHING,
        at="equation 23",
    ),
    mistakes=(
        Mistake(
            "gradients_kept",
            "Your step also uses the gradients from before. `backward` adds to what's there, so "
            "they have to go first.",
        ),
        Mistake("no_step", "The network is the same after your step. Does the optimizer step?"),
        Mistake(
            "label_never_dropped",
            "All of your images keep their label, so the network never learns about pictures of no "
            "class, and there's nothing to guide with.",
        ),
        Mistake(
            "dropped_reversed",
            "You drop the labels of those that should keep them, and keep those that should go.",
        ),
        Mistake(
            "dropped_to_class_0",
            "Images that lose their label become class 0. That's a class like the others; “no "
            "class” is the label `classes`.",
        ),
        Mistake(
            "sum_for_mean",
            "Your loss is a sum over each image's values. Then a step is longer the larger the "
            "images are: take the mean over all values.",
        ),
        Mistake("absolute_difference", "Your loss is the mean absolute difference; square it."),
        Mistake(
            "noise_as_target",
            "You compare the network's answer with the noise. It should learn the velocity.",
        ),
        Mistake(
            "sign", "You teach the network a velocity that points from the image to the noise."
        ),
        Mistake(
            "image_shown",
            "You show the network the clean image. It should see x_t, as it does in sampling.",
        ),
        Mistake(
            "time_reversed",
            "x_t is right, but the network is told 1 − t. Sampling tells it t, so they don't fit.",
        ),
        Mistake("uphill", "Your step makes the loss larger: it has the wrong sign."),
    ),
)

# --- 2.20c Euler's method ------------------------------------------------------------------------


def euler_cases(rng: random.Random, seed: int) -> list[Case]:
    """Few steps and more, with guidance and almost without."""
    cases = []
    for k, (steps, scale, batch) in enumerate([(2, 3.0, 2), (5, 1.5, 3)]):
        classes = rng.randint(3, 5)
        tokens = random_tokens(rng, classes + 1)[0].tolist()
        exact = {"tokens": tokens, "scale": round(rng.uniform(0.3, 0.6), 2)}
        arguments = {
            "net": StandIn("gaussian velocity", exact),
            "x": noise((batch, 3, 12, 16), seed + k),
            "label": torch.tensor([1 + (n + k) % (classes - 1) for n in range(batch)]),
            "steps": steps,
            "scale": scale,
            "classes": classes,
        }
        cases.append(Case(f"{steps} steps with γ = {scale:g}", arguments))
    return cases


EULER = Check(
    exercise="2.20c",
    function="euler",
    title="sampling",
    make_cases=euler_cases,
    read=Reading(
        "at which times Euler's method asks for the velocity, and where guidance starts from",
        section="Sampling",
        paper=FLOW_MATCHING,
    ),
    mistakes=(
        Mistake(
            "last_step_left_out",
            "You take one step too few, and your images aren't finished: there's still noise in "
            "them.",
        ),
        Mistake(
            "time_reversed",
            "You tell the network that it's near the data while the image is still noise. Here "
            "t = 0 is noise.",
        ),
        Mistake(
            "time_of_the_end",
            "You ask for the velocity at the time where the step ends. The image is still at the "
            "step's beginning.",
        ),
        Mistake(
            "time_of_the_middle",
            "You ask for the velocity at the time in the middle of the step, with the image from "
            "its beginning. Euler's method takes both from the beginning.",
        ),
        Mistake(
            "time_to_the_end",
            "Your times reach 1 with the last step's *beginning*. With N steps of length 1/N, it "
            "begins at 1 − 1/N.",
        ),
        Mistake("no_guidance", "You only follow the class's own velocity: γ changes nothing."),
        Mistake(
            "guidance_from_the_class",
            "You go γ times the direction from the class's velocity on. It starts from the "
            "velocity for no class; with γ = 1 the class's own should come out.",
        ),
        Mistake("guidance_reversed", "You've swapped the two velocities in your guidance."),
        Mistake(
            "class_0_for_none",
            "You guide away from class 0. “No class” is the label `classes`.",
        ),
        Mistake("backwards", "You walk against the velocity."),
    ),
)

# --- 2.21 DDIM -----------------------------------------------------------------------------------


def ddim_cases(rng: random.Random, seed: int) -> list[Case]:
    """Down and up, with the course's schedule and another one."""
    cases = []
    for k, (low, high, far, schedule) in enumerate(
        [(500, 800, -200, "cosine"), (300, 500, -120, "linear"), (200, 400, 250, "linear")]
    ):
        t = rng.randint(low, high)
        t_next = t + far + rng.randint(-40, 40)
        im, alphas = photograph(rng, 16, 20), SCHEDULES[schedule]()
        arguments = {
            "x_t": noised(im, t, noise(im.shape, seed + k), alphas),
            "t": t,
            "t_next": t_next,
            "noise": noise(im.shape, seed + 10 + k),
            "alphas_cumprod": alphas,
        }
        cases.append(Case(f"from t = {t} to {t_next}, {schedule} schedule", arguments))
    return cases


DDIM_STEP = Check(
    exercise="2.21",
    function="ddim_step",
    title="few steps",
    make_cases=ddim_cases,
    read=Reading(
        "which ᾱ belongs to which end of the step in (2)",
        section="2.21 Few steps, and back again",
        paper=DDIM,
        at="equation 12",
    ),
    mistakes=(
        Mistake("not_divided", "Your clean image is still scaled down: it lacks the 1/√ᾱ_t."),
        Mistake("not_rooted", "You use ᾱ where its square root belongs."),
        Mistake(
            "alpha_bar_swapped",
            "In your clean image, the weights of image and noise are swapped.",
        ),
        Mistake(
            "noise_of_t",
            "You put as much noise back as there was at t. At t′ it's another amount.",
        ),
        Mistake("image_of_t", "You scale the image as at t. At t′, it has another weight."),
        Mistake(
            "room_for_ddpm_noise",
            "You leave room for fresh noise, as DDPM does, but add none. With η = 0 there's none: "
            "all of the noise is the old one.",
        ),
        Mistake("clean_image", "You return the estimate of the clean image. Go on to t′."),
        Mistake("own_schedule", "Your ᾱ is the course's, whatever `alphas_cumprod` says."),
    ),
)


def invert_cases(rng: random.Random, seed: int) -> list[Case]:
    """Few steps, so that it matters where the noise is estimated."""
    cases = []
    for k, (count, schedule) in enumerate([(3, "cosine"), (5, "linear")]):
        top = rng.randint(700, 850)
        timesteps = [top * n // count for n in range(count, 0, -1)] + [rng.randint(5, 30)]
        tokens = random_tokens(rng, 2)[0].tolist()
        arguments = {
            "image": photograph(rng, 16, 20, batch=1 + k),
            "estimate": StandIn("estimate", {"tokens": tokens, "scale": 0.3, "schedule": schedule}),
            "alphas_cumprod": SCHEDULES[schedule](),
            "timesteps": timesteps,
        }
        cases.append(Case(f"{count} steps up to t = {top}, {schedule} schedule", arguments))
    return cases


INVERT = Check(
    exercise="2.21b",
    function="ddim_invert",
    title="inversion",
    make_cases=invert_cases,
    read=Reading(
        "in which order inversion visits the timesteps, and where it asks for the noise",
        section="2.21 Few steps, and back again",
        paper=DDIM,
        at="section 4.3",
    ),
    mistakes=(
        Mistake(
            "downward",
            "You walk down the timesteps, as in sampling. The image is clean: it's at the last of "
            "them, and should get to the first.",
        ),
        Mistake("last_step_left_out", "You don't arrive at the first of the timesteps."),
        Mistake(
            "first_step_left_out",
            "You leave out the step that leaves the clean image: it's at the last of `timesteps`.",
        ),
        Mistake(
            "estimate_at_the_end",
            "You tell the network the timestep where the step ends. The image isn't there yet.",
        ),
        Mistake(
            "own_schedule",
            "Your ᾱ is the course's, whatever `alphas_cumprod` says.",
        ),
        Mistake(
            "one_estimate",
            "You estimate the noise once and use it for the whole way. Ask again after each step.",
        ),
        Mistake(
            "forward_process",
            "You add the estimate as if it were fresh noise on a clean image, in each step anew. "
            "Each step goes from one timestep to the next, by (2).",
        ),
    ),
)

# --- 2.22 a transformer --------------------------------------------------------------------------


def patch_cases(rng: random.Random, seed: int) -> list[Case]:
    """Not square, and one square; patches of two sizes."""
    return [
        Case(
            f"{counted(batch, 'image')} of {height} × {width}, patches of {size}",
            {"x": photograph(rng, height, width, batch=batch), "size": size},
        )
        for batch, height, width, size in [(2, 12, 20, 2), (1, 16, 12, 4), (1, 16, 16, 2)]
    ]


ORDER = Reading(
    "the order of the patches, and the order of the numbers within one",
    section="2.22 A diffusion transformer",
    paper=DIT,
    at="figure 4",
)

PATCHIFY = Check(
    exercise="2.22",
    function="patchify",
    title="patches",
    make_cases=patch_cases,
    read=ORDER,
    mistakes=(
        Mistake(
            "columns_first", "Your patches come column by column; they should come row by row."
        ),
        Mistake("patch_turned", "Within a patch, you've swapped rows and columns."),
        Mistake(
            "channels_last",
            "Within a patch, your channels come last. The order is channel, row, column.",
        ),
        Mistake(
            "not_permuted",
            "You only reshape. Then a token isn't a patch: its numbers are neighbours in memory, "
            "not in the picture.",
        ),
        Mistake(
            "strided",
            "Each of your tokens has pixels from all over the picture. A patch is pixels that are "
            "neighbours.",
        ),
    ),
)


def token_cases(rng: random.Random, seed: int) -> list[Case]:
    """Random tokens for pictures that aren't square, and for one that is."""
    return [
        Case(
            f"{counted(batch, 'image')} of {height} × {width}, patches of {size}",
            {
                "tokens": noise((batch, height * width // size**2, 3 * size**2), seed + k),
                "size": size,
                "height": height,
                "width": width,
            },
        )
        for k, (batch, height, width, size) in enumerate([(2, 12, 20, 2), (1, 16, 16, 4)])
    ]


UNPATCHIFY = Check(
    exercise="2.22b",
    function="unpatchify",
    title="and back",
    make_cases=token_cases,
    read=ORDER,
    mistakes=(
        Mistake("columns_first", "You lay out the patches column by column; they come row by row."),
        Mistake("patch_turned", "Within a patch, you've swapped rows and columns."),
        Mistake("channels_last", "You take the last numbers of a patch's order for the channels."),
        Mistake(
            "not_permuted",
            "You only reshape. What's next to each other in a token is then in one line of the "
            "picture, not in a patch.",
        ),
    ),
)


def block_cases(rng: random.Random, seed: int) -> list[Case]:
    """Two sizes of a block."""
    return [
        Trial(
            f"width {width}, {heads} heads, condition of {condition}",
            {"width": width, "heads": heads, "condition": condition, "seed": (seed + k) % 2**31},
            {"shape": (length(block_shapes(width)),)},
            trial="block",
        )
        for k, (width, heads, condition) in enumerate(
            [(16, 2, rng.randint(5, 9)), (24, rng.choice([3, 4]), 12)]
        )
    ]


def break_the_block(cases: Sequence[Case], answers: Answers) -> str | None:
    """What a block's measurements say is wrong with it."""
    for case, answer in zip(cases, answers, strict=True):
        measured = trial_measures.block(answer, case.arguments)
        identity, by_token, unused, turned, by_others, by_condition, by_batch = measured
        found = {
            "no_residual": identity > 0.99,
            "gate_open": identity > NEGLIGIBLE,
            "batch_second": by_batch > 1e-3,
            "positions_inside": turned > 1e-3,
            "tokens_alone": by_others < NEGLIGIBLE,
            "condition_unused": by_condition < NEGLIGIBLE,
            "scale_without_one": by_token < 1e-3,
            "parameters_unused": unused > 0,
        }
        wrong = next((key for key, is_so in found.items() if is_so), None)
        if wrong:
            return wrong
    return None


BLOCK = Check(
    exercise="2.22c",
    function="dit_block",
    title="the block",
    make_cases=block_cases,
    properties=break_the_block,
    read=Reading(
        "what (3) is when shift, scale and gate are 0, and which tokens look at which",
        section="The block",
        paper=DIT,
        at="section 3.2",
    ),
    mistakes=(
        Mistake(
            "gate_open",
            "A new block of yours changes the tokens. With adaLN-Zero all gates are closed at the "
            "start.",
        ),
        Mistake(
            "no_residual",
            "Your new block returns something else than the tokens it's given. Each part is added "
            "to them.",
        ),
        Mistake(
            "scale_without_one",
            "After one step of training, your block adds the same to every token. The scale begins "
            "at 0: what's left of the normalised tokens then, if you multiply by it?",
        ),
        Mistake(
            "tokens_alone",
            "No token of yours depends on another one. Attention is where they look at each other.",
        ),
        Mistake(
            "batch_second",
            "Your attention looks across the images in the batch. Which dimension holds the "
            "tokens? (Some of torch's attention expects the batch second.)",
        ),
        Mistake(
            "positions_inside",
            "Your block treats tokens differently by their place. Positions are added once, before "
            "the first block; the block itself knows of none.",
        ),
        Mistake("condition_unused", "Your block does the same under every condition."),
        Mistake(
            "parameters_unused",
            "Some of your block's parameters get no gradient: the result doesn't depend on them. "
            "Is there a layer that you make but don't call?",
        ),
    ),
)

CHECKS = (UNET, PAIR, STEP, EULER, DDIM_STEP, INVERT, PATCHIFY, UNPATCHIFY, BLOCK)
