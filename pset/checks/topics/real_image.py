"""The checks of exercises 2.23 to 2.24c: inversion of a photograph, an edit of it, and Imagic."""

import random

from pset.checks.definition import Case, Check, Mistake, Paper, Reading, StandIn
from pset.checks.inputs import SCHEDULES, counted, noised, photograph, random_tokens
from pset.checks.stand_in_training import WIDTH
from pset.checks.trials import Trial
from pset.images import photo_names
from pset.seeded_noise import noise

DDIM_PAPER = Paper(
    "Song and others, Denoising Diffusion Implicit Models", "https://arxiv.org/abs/2010.02502"
)

NULL_TEXT_PAPER = Paper(
    "Mokady and others, Null-text Inversion for Editing Real Images using Guided Diffusion Models",
    "https://arxiv.org/abs/2211.09794",
)

IMAGIC_PAPER = Paper(
    "Kawar and others, Imagic: Text-Based Real Image Editing with Diffusion Models",
    "https://arxiv.org/abs/2210.09276",
)

# --- 2.23 up and down without noise --------------------------------------------------------------


def ddim_cases(rng: random.Random, seed: int) -> list[Case]:
    """Up, down, and up and down again; evenly and unevenly."""
    step = rng.randint(60, 90)
    rising = [0, *sorted(rng.sample(range(20, 960), 7))]
    there_and_back = [*range(0, 7 * step, step), *range(5 * step, -1, -step)]
    cases = []
    for k, (name, timesteps, batch, schedule) in enumerate(
        [
            ("up", rising, 1, "cosine"),
            ("down", list(range(990, -1, -110)), 2, "linear"),
            ("up and down", there_and_back, 1, "linear"),
        ]
    ):
        height, width = rng.choice([(14, 18), (17, 13)])
        image = photograph(rng, height, width, batch=batch)
        eps = noise(image.shape, seed + k)
        token = random_tokens(rng, 1, reach=0.6)[0, 0].tolist()
        arguments = {
            "x": image
            if timesteps[0] == 0
            else noised(image, timesteps[0], eps, SCHEDULES[schedule]()),
            "estimate": StandIn("coupled estimate", {"token": token, "schedule": schedule}),
            "alphas_cumprod": SCHEDULES[schedule](),
            "timesteps": timesteps,
        }
        cases.append(Case(f"{name}, {counted(batch, 'image')}, {schedule} schedule", arguments))
    return cases


DDIM = Check(
    exercise="2.23",
    function="ddim",
    title="up and down without noise",
    make_cases=ddim_cases,
    read=Reading(
        "which ᾱ belongs to the timestep that a step leaves and which to the one it arrives at, "
        "and what's different on the way up (nothing)",
        section="2.23 Up and down without noise",
        paper=DDIM_PAPER,
        at="equation 12 and section 4.3",
    ),
    mistakes=(
        Mistake(
            "noise_added",
            "Your steps add fresh noise, as the sampling loop of 1.4 does. Then nobody can find "
            "the way back. In a DDIM step there's no noise but the estimated one.",
        ),
        Mistake(
            "asked_at_the_target",
            "You ask for the noise in the image at the timestep that you're going to. Some "
            "published code does that when it inverts, but the image is still at t.",
        ),
        Mistake(
            "clean_image_of_the_target",
            "You compute x̂_0 with the ᾱ of the timestep that you're going to. The noise that you "
            "take out of x_t is that of t.",
        ),
        Mistake(
            "noise_of_the_start",
            "You put the noise back with the weight it had at t. The image should have as much as "
            "belongs to the timestep it arrives at.",
        ),
        Mistake(
            "noise_of_t_left_out",
            "You put x̂_0 at its new strength, but no noise with it.",
        ),
        Mistake(
            "new_noise",
            "The noise that you put back isn't the estimate: you draw your own. That's how you'd "
            "noise a clean image, and the picture would change with every step.",
        ),
        Mistake(
            "only_down",
            "You walk from the largest timestep to the smallest, whatever the list says. When it "
            "rises, so should you.",
        ),
        Mistake(
            "last_step_missing",
            "Your walk stops one step early.",
        ),
        Mistake(
            "clipped",
            "You clip x̂_0 to [−1, 1]. What you cut off on the way up is missing on the way down.",
        ),
        Mistake(
            "no_square_root",
            "Your weights look like ᾱ and 1 − ᾱ themselves, not their square roots.",
        ),
        Mistake(
            "no_square_root_back",
            "Where you put the image together again, for t′, your weights look like ᾱ and 1 − ᾱ "
            "themselves, not their square roots.",
        ),
        Mistake(
            "asked_only_once",
            "You ask for the noise once and use that in every step. Each step needs an estimate "
            "for the image as it is now.",
        ),
    ),
)

# --- 2.23b an edit -------------------------------------------------------------------------------

PROMPTS = ("a photo of a cat", "a photo of a dog", "a watercolor of a cat", "a photo of a mug")


def edit_cases(rng: random.Random, seed: int) -> list[Case]:
    """Little guidance and a lot; an even list and an uneven one."""
    cases = []
    for batch, scale, timesteps in [
        (1, rng.uniform(3, 7), list(range(0, 700, rng.randint(90, 110)))),
        (2, rng.uniform(1.5, 2.5), [0, *sorted(rng.sample(range(20, 900), 5))]),
    ]:
        height, width = rng.choice([(14, 18), (17, 13)])
        source, target = rng.sample(PROMPTS, 2)
        tokens = random_tokens(rng, 3)[0].tolist()
        arguments = {
            "image": photograph(rng, height, width, batch=batch),
            "source": source,
            "target": target,
            "scale": scale,
            "prompted": StandIn(
                "prompted", {"means": dict(zip(("", source, target), tokens, strict=True))}
            ),
            "walk": StandIn("drift"),
            "timesteps": timesteps,
        }
        name = f"{counted(batch, 'photograph')}, {source} → {target}, γ = {scale:.1f}"
        cases.append(Case(name, arguments))
    return cases


EDIT = Check(
    exercise="2.23b",
    function="edit_photo",
    title="an edit of a photograph",
    make_cases=edit_cases,
    read=Reading(
        "which prompt goes with which way, and why only one of the two ways has guidance",
        section="2.23b An edit",
        paper=NULL_TEXT_PAPER,
        at="section 3",
    ),
    mistakes=(
        Mistake(
            "guidance_while_inverting",
            "You invert with guidance, too. Each step then goes further than the model's own noise "
            "estimate says, the errors grow, and what you get at the top isn't noise.",
        ),
        Mistake(
            "target_while_inverting",
            "You invert with the target prompt. On the way up, the prompt should say what's in the "
            "photograph.",
        ),
        Mistake(
            "source_while_sampling",
            "You come down with the source prompt. That gives you the photograph again, more or "
            "less.",
        ),
        Mistake(
            "prompts_swapped",
            "You've swapped the prompts: the source describes the photograph, the target what you "
            "want.",
        ),
        Mistake(
            "scales_swapped",
            "You've swapped the scales: 1 on the way up, the given one on the way down.",
        ),
        Mistake(
            "no_guidance",
            "You never use the guidance scale. Without it, the target prompt has little to say.",
        ),
        Mistake(
            "null_prompt_while_inverting",
            "You invert with the empty prompt. You know what's in the photograph: say it.",
        ),
        Mistake(
            "up_twice",
            "You use the list of timesteps as it is, both times. On the way down it has to be "
            "reversed.",
        ),
        Mistake(
            "not_inverted",
            "You come down from the photograph as it is. First take it up.",
        ),
        Mistake(
            "up_only",
            "You return the inverted photograph. Bring it down again, with the target prompt.",
        ),
    ),
)

# --- 2.24 Imagic's first two stages --------------------------------------------------------------


def fitting_cases(rng: random.Random, seed: int) -> list[Case]:
    """Two photographs, two networks, two rates; a few steps each."""
    cases = []
    for steps, lr in [(6, rng.uniform(0.03, 0.06)), (9, rng.uniform(0.01, 0.02))]:
        tokens = rng.randint(2, 4)
        name = rng.choice(photo_names())
        arguments = {
            "loss": StandIn("denoising loss", {"name": name, "seed": rng.randrange(10**6)}),
            "network": StandIn("small network", {"seed": rng.randrange(10**6)}),
            "embeds": noise((1, tokens, WIDTH), seed + steps),
            "lr": lr,
            "steps": steps,
        }
        cases.append(Case(f"the {name}, {steps} steps of {lr:.3f}", arguments))
    return cases


def tuning_cases(rng: random.Random, seed: int) -> list[Case]:
    """The same, and the second network is trained twice: it has to have changed."""
    one, other = fitting_cases(rng, seed)
    return [one, Trial(f"{other.name}, twice", other.arguments, trial="twice")]


NEW_ADAM = Mistake(
    "new_adam_every_step",
    "You make a new Adam in every step. It adapts its steps to the gradients that it has seen, and "
    "yours has never seen any: make one before the loop.",
)

EMBEDDING = Check(
    exercise="2.24",
    function="optimise_embedding",
    title="Imagic, stage 1: the embedding",
    make_cases=fitting_cases,
    read=Reading(
        "what is trained in stage 1 and what isn't, where it starts, and what one step consists of",
        section="2.24 Imagic, stage 1: the embedding",
        paper=IMAGIC_PAPER,
        at="section 3.2",
    ),
    mistakes=(
        Mistake(
            "network_trained_too",
            "You train the network along with the embedding. In stage 1 the network stays as it "
            "is, so that the embedding has to say what's in the photograph.",
        ),
        Mistake(
            "gradients_add_up",
            "Your gradients add up from step to step. Set them to zero before each `backward`.",
        ),
        Mistake(
            "same_draw_every_time",
            "Every step of yours uses the same draw of timesteps and noise. Pass k to the loss.",
        ),
        Mistake(
            "counted_from_one",
            "Your first step uses draw 1. They're numbered from 0.",
        ),
        Mistake(
            "plain_gradient_descent",
            "You take steps along the gradient itself. Use Adam, with PyTorch's defaults but for "
            "the rate.",
        ),
        Mistake(
            "uphill",
            "You go up instead of down: the loss grows.",
        ),
        Mistake(
            "started_from_zero",
            "You start from zeros. Start from the target's embedding, so that you end up near it.",
        ),
        Mistake(
            "not_optimised",
            "You return the embedding as it was. Is the tensor that you return the one that the "
            "optimiser changes?",
        ),
        Mistake(
            "one_step_short",
            "You take a step too few.",
        ),
        NEW_ADAM,
    ),
)

NETWORK = Check(
    exercise="2.24b",
    function="tune_network",
    title="Imagic, stage 2: the network",
    make_cases=tuning_cases,
    read=Reading(
        "what is trained in stage 2 and what isn't any more, and which loss a step has before it "
        "is taken",
        section="2.24b Imagic, stage 2: the network",
        paper=IMAGIC_PAPER,
        at="section 3.3",
    ),
    mistakes=(
        Mistake(
            "embedding_trained_too",
            "You go on training the embedding. In stage 2 it stays as stage 1 has left it; "
            "otherwise it moves further away from the target.",
        ),
        Mistake(
            "nothing_tuned",
            "Your losses are those of a network that never changes. Does the optimiser have the "
            "network's parameters, and do you let it take its steps?",
        ),
        Mistake(
            "gradients_add_up",
            "Your gradients add up from step to step. Set them to zero before each `backward`.",
        ),
        Mistake(
            "same_draw_every_time",
            "Every step of yours uses the same draw of timesteps and noise. Pass k to the loss.",
        ),
        Mistake(
            "losses_afterwards",
            "You ask for the loss after the step. It's the one that you've differentiated.",
        ),
        Mistake(
            "plain_gradient_descent",
            "You take steps along the gradient itself. Use Adam, with PyTorch's defaults but for "
            "the rate.",
        ),
        Mistake(
            "uphill",
            "You go up instead of down: the loss grows.",
        ),
        Mistake(
            "biases_only",
            "You train only some of the network's parameters. All of them should learn the "
            "photograph.",
        ),
        Mistake(
            "last_layer_only",
            "You train only the network's last layer. All its parameters should learn the "
            "photograph.",
        ),
        Mistake(
            "copy_trained",
            "Your losses are right, but the network that you were given is what it was before: "
            "you've trained a copy of it. The network itself should change, in place.",
        ),
        NEW_ADAM,
    ),
)

# --- 2.24c between the two -----------------------------------------------------------------------


def mix_cases(rng: random.Random, seed: int) -> list[Case]:
    """Between the two embeddings, and beyond the target; with other tokens at the end."""
    cases = []
    for k, (name, alphas) in enumerate(
        [
            ("between", [0.0, rng.uniform(0.15, 0.4), rng.uniform(0.6, 0.85), 1.0]),
            ("beyond the target", [rng.uniform(1.1, 1.3), rng.uniform(1.4, 1.6)]),
        ]
    ):
        target = noise((1, 12, WIDTH), seed + k)
        arguments = {
            "e_opt": target + 0.4 * noise(target.shape, seed + 10 + k) + 0.1,
            "e_target": target,
            "alphas": alphas,
        }
        cases.append(Case(f"{name}, {len(alphas)} of them", arguments))
    return cases


MIX = Check(
    exercise="2.24c",
    function="mix",
    title="Imagic, stage 3: between the two",
    make_cases=mix_cases,
    read=Reading(
        "which of the two embeddings is the photograph's, and where α = 1 is",
        section="2.24c Imagic, stage 3: between the two",
        paper=IMAGIC_PAPER,
        at="section 3.4",
    ),
    mistakes=(
        Mistake(
            "ends_swapped",
            "You've swapped the ends: α = 0 is the photograph's embedding, α = 1 the target's.",
        ),
        Mistake(
            "added",
            "You add the target's embedding instead of going towards it. At α = 1 nothing should "
            "be left of the other one.",
        ),
        Mistake(
            "clamped",
            "You limit α to [0, 1]. It may be larger: then the edit is stronger than the prompt.",
        ),
        Mistake(
            "renormalised",
            "You scale the result to the length of one of the ends. A linear interpolation is all "
            "that's asked for.",
        ),
        Mistake(
            "first_only",
            "You use only the first α. There should be an embedding for each.",
        ),
    ),
)

CHECKS = (DDIM, EDIT, EMBEDDING, NETWORK, MIX)
