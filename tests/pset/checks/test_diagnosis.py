"""What a student reads whose answer is wrong in a way that nobody has written down."""

import math
from functools import cache
from itertools import pairwise

import pytest
import torch

import pset
from autograder.course.slips.mutants import mutants
from autograder.course.solution import read_solutions
from pset.assets import assets_dir
from pset.blur import gaussian_blur
from pset.checks.diagnosis.sketch import BUCKETS, distance, sketch
from pset.checks.notebook import verdict_on
from solutions.mistakes.sampling import loop, right_mean

PUBLIC = assets_dir() / "references"


@cache
def solved(assignment, name):
    return read_solutions()[assignment].function(name)


def one_step(*arguments):
    return solved("01_denoising", "one_step_denoise")(*arguments)


def said_of(exercise, function) -> str:
    found = verdict_on(exercise, function, PUBLIC)
    assert found.status == "wrong"
    assert found.points == 0
    return found.message


# --- the sketch ----------------------------------------------------------------------------------


def test_a_sketch_keeps_lengths_on_average():
    g = torch.Generator().manual_seed(1)
    ratios = []
    for k in range(200):
        x = torch.randn(3, 20 + k % 7, 16, generator=g)
        ratios.append(float(sketch(x).norm() ** 2 / x.norm() ** 2))
    # The mean of 200 ratios with standard deviation √(2/32) = 0.25, at four standard errors.
    assert abs(sum(ratios) / len(ratios) - 1) < 4 * (2 / BUCKETS / len(ratios)) ** 0.5


def test_a_sketch_is_linear_and_tells_different_tensors_apart():
    g = torch.Generator().manual_seed(2)
    a, b = torch.randn(2, 4, 3, 16, 16, generator=g).unbind()
    # float32 sums of 96 values in each bucket
    torch.testing.assert_close(sketch(a + 2 * b), sketch(a) + 2 * sketch(b), rtol=0, atol=1e-3)
    assert distance(sketch(a), sketch(a + 1e-6), float(a.norm())) < 1e-5
    moved = a.clone()
    moved[0, 0, 0, 0] += 1  # one value of three thousand
    assert distance(sketch(a), sketch(moved), float(a.norm())) > 0.01


# --- defects, slips and weights ------------------------------------------------------------------


def right(im, t, alphas_cumprod, noise):
    return alphas_cumprod[t] ** 0.5 * im + (1 - alphas_cumprod[t]) ** 0.5 * noise


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        (lambda *a: -right(*a), "wrong sign"),
        (lambda *a: right(*a).clamp(-1, 1), "clamped"),
        (lambda *a: (right(*a) + 1) / 2, "[0, 1]"),
        (lambda *a: 1.7 * right(*a), "1.7 times"),
        (lambda *a: right(*a).flip(1), "BGR"),
        (lambda *a: right(*a).flip(-1), "mirrored"),
        (lambda *a: right(*a)[:1].expand_as(a[0]), "the first one"),
        (lambda im, t, a, n: right(im, t + 3, a, n), "another timestep, t + 3"),
        (lambda im, t, a, n: right(im, t, a, n.clamp(-1, 1)), "clamped `noise`"),
        (lambda im, t, a, n: right(im, t, a**2, n), "square root"),
        (lambda im, t, a, n: a[t] ** 0.5 * im + (1 - a[t]) * n, "root is missing around 1 − ᾱ_t"),
        (lambda im, t, a, n: a[t] ** 0.5 * im, "missing"),
        (lambda im, t, a, n: a[t] ** 0.5 * im + (1 - a[t]) ** 2 * n, "weight of `im` is right"),
        (lambda im, t, a, n: a[t] ** 0.5 * im + (1 - a[t]) ** 2 * n, "(1 − ᾱ_t)²"),
    ],
)
def test_one_defect_of_the_forward_process_is_named(wrong, says):
    assert says in said_of("1.1", wrong)


@pytest.mark.parametrize(
    ("blur", "says"),
    [
        (lambda x: gaussian_blur(x, 33, 4), "with σ = 4 where"),
        (lambda x: gaussian_blur(x, 5, 2), "a kernel of only 5 pixels"),
        (lambda x: gaussian_blur(gaussian_blur(x, 33, 2), 33, 2), "a blur after a blur"),
        (lambda x: gaussian_blur(x, 33, 2).flip(-1), ""),
    ],
)
def test_another_low_pass_is_named(blur, says):
    def hybrid(x_t, t, estimate_low, estimate_high):
        (low, v_low), (high, v_high) = estimate_low(x_t, t), estimate_high(x_t, t)
        return blur(low) + high - blur(high), (v_low + v_high) / 2

    message = said_of("1.10", hybrid)
    assert says in message if says else "where a Gaussian blur" not in message


@pytest.mark.parametrize(
    ("coarse", "fine", "says"),
    [(4, 2, "σ = 4 for the coarse part"), (2, 4, "σ = 4 for the fine part")],
)
def test_another_low_pass_for_one_part_is_named(coarse, fine, says):
    def hybrid(x_t, t, estimate_low, estimate_high):
        (low, v_low), (high, v_high) = estimate_low(x_t, t), estimate_high(x_t, t)
        fine_part = high - gaussian_blur(high, 33, fine)
        return gaussian_blur(low, 33, coarse) + fine_part, (v_low + v_high) / 2

    assert says in said_of("1.10", hybrid)


def filled(paste):
    """`inpaint` with `paste(x, known, mask, t)` after each step."""

    def inpaint(original, mask, estimate, alphas_cumprod, noise):
        def after_step(x, t):
            a = alphas_cumprod[t]
            known = a.sqrt() * original + (1 - a).sqrt() * noise if t else original
            return paste(x, known, mask, (1 - a).sqrt() * noise)

        return pset.iterative_denoise(noise, 0, estimate, alphas_cumprod, after_step=after_step)

    return inpaint


@pytest.mark.parametrize(
    ("paste", "says"),
    [
        (lambda x, known, m, n: known.lerp(x, gaussian_blur(m, 7, 1.0)), "softened the mask"),
        (lambda x, known, m, n: x.lerp(known, m) + 0 * n, "the wrong way round"),
        (lambda x, known, m, n: known.lerp(x, m) + m * n, "in the whole image"),
        (lambda x, known, m, n: known.lerp(x, m) * 0.9, ""),
    ],
)
def test_another_mask_is_read_off(paste, says):
    message = said_of("1.8", filled(paste))
    if says:
        assert says in message
    else:
        assert "mask:" not in message
        assert "whole image" not in message


def test_noise_that_is_drawn_once_is_told_from_that_of_the_timestep():
    def drawn(noise_of):
        def denoise(
            image,
            i_start,
            estimate,
            alphas_cumprod,
            timesteps=None,
            seed=pset.SEED,
            after_step=None,
        ):
            steps = list(timesteps or pset.STRIDED_TIMESTEPS)
            z = pset.step_noise(image.shape, steps[i_start], seed)
            for t, s in pairwise(steps[i_start:]):
                a, b = alphas_cumprod[t], alphas_cumprod[s]
                noise, v = estimate(image, t)
                x_0 = (image - (1 - a).sqrt() * noise) / a.sqrt()
                image = right_mean(image, x_0, a, b)
                if s != steps[-1]:
                    own = noise_of(z, image.shape, t, seed)
                    image = image + pset.step_variance(v, a, b).sqrt() * own
                image = after_step(image, s) if after_step else image
            return image

        return said_of("1.4", denoise)

    once = drawn(lambda z, shape, t, seed: z)
    assert "the same noise in every step" in once
    of_t = drawn(lambda z, shape, t, seed: pset.step_noise(shape, t, seed))
    assert "the same noise in every step" not in of_t


def test_half_precision_shows_in_the_values():
    def forward(im, t, alphas_cumprod, noise):
        a = alphas_cumprod[t].half()
        return (a.sqrt() * im.half() + (1 - a).sqrt() * noise.half()).float()

    assert "precision of float16" in said_of("1.1", forward)


def test_one_loop_for_each_prompt_is_named():
    def guided_at_the_end(image, i_start, model, prompt_embeds, null_embeds, scale=7):
        def loop_for(embeds):
            def estimate(x, t):
                said = model.unet(x, t, encoder_hidden_states=embeds, return_dict=False)[0]
                return said.split(3, dim=1)

            return pset.iterative_denoise(image, i_start, estimate, model.alphas_cumprod)

        null = loop_for(null_embeds)
        return null + scale * (loop_for(prompt_embeds) - null)

    assert "with one prompt each time" in said_of("1.6", guided_at_the_end)


def test_calls_that_are_too_many_are_named():
    def sample(count, denoise, size, seed):
        x = pset.noise((count, 3, size, size), seed)
        for i in range(3):
            x = denoise(x, i)
        return x

    assert "You call `denoise` 3 times" in said_of("1.5", sample)


def test_noise_that_is_scaled_and_moved_is_named():
    def sample(count, denoise, size, seed):
        return denoise(2 * pset.noise((count, 3, size, size), seed) - 1, 0)

    assert "times 2 minus 1" in said_of("1.5", sample)


def test_a_permutation_of_the_right_pixels_is_noticed():
    def skew(x, slope, inverse=False):
        sign = -1 if inverse else 1
        shifts = [sign * math.floor(slope * (j + 1)) for j in range(x.shape[-1])]
        return torch.stack([x[..., j].roll(s, -1) for j, s in enumerate(shifts)], dim=-1)

    assert "Each column has the right pixels, but at another height." in said_of("2.12d", skew)


def test_a_slip_deep_in_the_loop_is_placed():
    def clamps(x, x_0, alpha_bar, alpha_bar_prev):
        return right_mean(x, x_0.clamp(-1, 1), alpha_bar, alpha_bar_prev)

    assert "clamped the clean estimate" in said_of("1.4", loop(mean=clamps))


def test_two_swapped_arguments_are_named():
    def swapped(original, mask, estimate, alphas_cumprod, noise):
        return solved("05_inpainting", "inpaint")(noise, mask, estimate, alphas_cumprod, original)

    assert "swapped `original` and `noise`" in said_of("1.8", swapped)


def test_a_solution_may_have_dots_in_an_index():
    keys = {m.key for m in mutants("def last(x): return x[..., 2] * 3.0", "last", {})}
    assert {f"code: {key}, line 1" for key in ("1 for 2", "1.5 for 3", "6 for 3")} <= keys


# --- asking --------------------------------------------------------------------------------------


def test_an_argument_that_is_never_used_is_named():
    def constant_noise(count, denoise, size, seed):
        return denoise(pset.noise((count, 3, size, size), 7) * 0.9, 0)

    assert "the same result for another `seed`" in said_of("1.5", constant_noise)


def test_random_numbers_of_ones_own_are_named():
    def shaky(x_t, t, model, prompt_embeds):
        return one_step(x_t, t, model, prompt_embeds) + 0.1 * torch.randn_like(x_t)

    assert "something else each time" in said_of("1.3", shaky)


def test_images_of_a_batch_that_influence_each_other_are_named():
    def mixes(x_t, t, model, prompt_embeds):
        x_0 = one_step(x_t, t, model, prompt_embeds)
        return x_0 + 0.3 * x_0.mean(0, keepdim=True)

    assert "differently than by itself" in said_of("1.3", mixes)


def test_guidance_that_is_no_guidance_at_one_is_named():
    def too_much(image, i_start, model, prompt_embeds, null_embeds, scale=7):
        right = solved("03_guidance", "iterative_denoise_cfg")
        result = right(image, i_start, model, prompt_embeds, null_embeds, scale)
        return result + (null_embeds.mean() * result).square()

    assert "With γ = 1" in said_of("1.6", too_much)


def test_what_something_is_divided_by_is_named():
    def normalises(im, t, alphas_cumprod, noise):
        return right(im, t, alphas_cumprod, noise / noise.abs().amax((1, 2, 3), keepdim=True))

    assert "divided by the largest value of `noise`" in said_of("1.1", normalises)


def test_a_variable_of_the_notebook_is_named():
    namespace = {"schedule": torch.linspace(1, 0.1, 1000)}
    exec(
        "def forward(im, t, alphas_cumprod, noise):\n"
        "    return (im * schedule[t]).roll(3, -1) + noise.roll(2, -2)\n",
        namespace,
    )
    assert "also uses `schedule` from the notebook" in said_of("1.1", namespace["forward"])


def test_a_diagnosis_never_asks_longer_than_it_may():
    from pset.checks.calling import Outcome
    from pset.checks.diagnosis import Ask, driven
    from pset.checks.diagnosis.finding import Finding

    def curious():
        for k in range(5):
            outcome = yield Ask(None)
            if outcome.status == "out of time":
                return Finding(str(k), "")
        return None

    assert driven(curious(), lambda ask: Outcome("returned"), seconds=60) is None
    assert driven(curious(), lambda ask: Outcome("returned"), seconds=0).key == "0"


# --- watching, through `check` -------------------------------------------------------------------


def test_a_question_to_the_model_that_is_wrong_is_named():
    def later(x_t, t, model, prompt_embeds):
        noise = model.unet(x_t, t + 2, encoder_hidden_states=prompt_embeds)[0][:, :3]
        alpha_bar = model.alphas_cumprod[t]
        return (x_t - (1 - alpha_bar).sqrt() * noise) / alpha_bar.sqrt()

    message = said_of("1.3", later)
    assert "You call `model.unet` with the wrong timestep" in message


def test_of_two_results_the_wrong_one_is_named():
    def second_variance(x_t, t, estimate_1, estimate_2):
        noise_1, variance_1 = estimate_1(x_t, t)
        noise_2, _ = estimate_2(x_t.flip(2), t)
        return (noise_1 + noise_2.flip(2)) / 2, variance_1 + 0.3

    message = said_of("1.9", second_variance)
    assert "Your noise is right" in message


def test_a_factor_that_depends_on_the_case_is_no_single_factor():
    def scaled(x_t, t, model, prompt_embeds):
        return one_step(x_t, t, model, prompt_embeds) * (1 + t / 1000)

    message = said_of("1.3", scaled)
    assert "a different one in each test case" in message


def test_what_was_asked_before_an_error_is_said():
    def stops(x_t, t, model, prompt_embeds):
        model.unet(x_t, 999, encoder_hidden_states=prompt_embeds)
        return x_t + torch.ones(1, 6, 1, 1)

    found = verdict_on("1.3", stops, PUBLIC)
    assert found.status == "failed"
    assert "Six channels meet three" in found.message
    assert "wrong timestep: `timestep` is 999" in found.message


# --- nothing is said that the evidence doesn't carry ---------------------------------------------


def test_draws_from_the_global_generator_are_not_taken_for_another_seed():
    def sample(count, denoise, size, seed):
        return denoise(torch.randn(count, 3, size, size), 0)

    said = said_of("1.5", sample)
    assert "global generator" in said
    assert "`seed` = 0" not in said


def test_noise_of_the_first_step_alone_is_not_said_to_be_in_every_step():
    def one_generator(shape, t, t_prev, seed):
        return torch.randn(shape, generator=generator)

    def denoise(
        image, i_start, estimate, alphas_cumprod, timesteps=None, seed=180, after_step=None
    ):
        nonlocal generator
        generator = torch.Generator().manual_seed(seed)
        timesteps = pset.STRIDED_TIMESTEPS if timesteps is None else timesteps
        inner = loop(draw=one_generator)
        return inner(image, i_start, estimate, alphas_cumprod, timesteps, seed, after_step)

    generator = torch.Generator()
    said = said_of("1.4", denoise)
    assert "your own noise" in said
    assert "every step" not in said
