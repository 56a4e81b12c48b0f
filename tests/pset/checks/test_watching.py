"""What a function asks of its stand-ins: noted, compared, and read off what it makes of it."""

from itertools import pairwise

import pytest
import torch
from torch.nn import functional

from pset.checks.calling import call
from pset.checks.definition import Case, StandIn
from pset.checks.diagnosis.asked import RIGHT, common, first_difference
from pset.checks.diagnosis.made_of import Difference
from pset.checks.diagnosis.queries import alike, folded, moments, queries, usable
from pset.checks.diagnosis.steps import explain_step
from pset.checks.watching import MOST_SIGHTS, Sight, Watch
from pset.closed_form import cosine_alphas_cumprod
from pset.sampling import iterative_denoise, step_variance
from pset.seeded_noise import noise, step_noise

TOKEN = [0.2, -0.1, 0.3, 0.1, 0.0, -0.2, 0.1, 0.2, 0.0]
TIMES = [900, 700, 500, 300, 100]


def image(batch=2, seed=1):
    return noise((batch, 3, 10, 12), seed)


def loop_case():
    return Case(
        "a loop",
        {
            "image": image(),
            "estimate": StandIn("estimate", {"tokens": [TOKEN]}),
            "alphas_cumprod": cosine_alphas_cumprod(),
            "timesteps": TIMES,
            "seed": 5,
        },
    )


def loop(image, estimate, a, timesteps, seed):
    return iterative_denoise(image, 0, estimate, a, timesteps, seed)


def step_by_step(
    wrong=lambda x, x_0, z: (x, x_0, z), told=lambda t: t, last=False, times=lambda ts: ts
):
    """A loop with its parts open for mistakes."""

    def of(image, estimate, a, timesteps, seed):
        x = image
        timesteps = times(timesteps)
        for t, s in pairwise(timesteps):
            eps, v = estimate(x, told(t))
            x_0 = (x - (1 - a[t]).sqrt() * eps) / a[t].sqrt()
            z = step_variance(v, a[t], a[s]).sqrt() * step_noise(x.shape, s, seed)
            x, x_0, z = wrong(x, x_0, z)
            x = (
                a[s].sqrt() * (1 - a[t] / a[s]) / (1 - a[t]) * x_0
                + (a[t] / a[s]).sqrt() * (1 - a[s]) / (1 - a[t]) * x
            )
            if s != timesteps[-1] or last:
                x = x + z
        return x

    return of


def asked(function, case):
    outcome = call(function, case, 20, watch=True)
    assert outcome.status == "returned", outcome.error
    return outcome.value, queries(outcome.sights)


def compared(right, wrong, case) -> Difference:
    expected, ours = asked(right, case)
    answer, theirs = asked(wrong, case)
    found = first_difference(case, theirs, ours)
    if not found.certain:
        found = explain_step(case, theirs, ours, answer, expected) or found
    return found


# --- noting --------------------------------------------------------------------------------------


def test_a_watched_call_returns_the_same_and_notes_what_was_passed():
    plain, watched = (call(loop, loop_case(), 20, watch=w) for w in (False, True))
    assert torch.equal(plain.value, watched.value)
    assert plain.sights is None
    assert [s.numbers["t"] for s in watched.sights] == TIMES[:-1]
    assert {s.who for s in watched.sights} == {"estimate"}
    first = watched.sights[0]
    assert torch.equal(first.tensors["x_t"], image())
    assert [x.shape for x in first.answers] == [image().shape] * 2


def test_models_lists_and_keywords_are_watched():
    def asks(model, estimates, x):
        model.unet(x, 30, encoder_hidden_states=torch.tensor([[TOKEN]]), return_dict=False)
        assert model.alphas_cumprod.shape == (1000,)
        return estimates[1](x_t=x, t=torch.tensor([7, 7]))[0]

    case = Case(
        "several",
        {
            "model": StandIn("closed form"),
            "estimates": StandIn("gaussian estimates", {"tokens": [TOKEN, TOKEN], "scale": 0.2}),
            "x": image(),
        },
    )
    sights = call(asks, case, 20, watch=True).sights
    assert [s.who for s in sights] == ["model.unet", "estimates[1]"]
    assert sights[0].numbers == {"timestep": 30}
    assert sights[1].numbers == {"t": 7}


def test_a_watch_sees_what_came_before_an_error():
    def stops(image, estimate, a, timesteps, seed):
        estimate(image, 44)
        raise ValueError("enough")

    outcome = call(stops, loop_case(), 20, watch=True)
    assert outcome.status == "raised"
    assert [s.numbers for s in outcome.sights] == [{"t": 44}]


def test_a_watch_has_an_end():
    watch = Watch()
    watched = watch.over(lambda x, t: x, "f")
    for t in range(MOST_SIGHTS + 10):
        watched(image(), t)
    assert len(watch.sights) == MOST_SIGHTS


# --- queries -------------------------------------------------------------------------------------


def test_one_image_at_a_time_asks_the_same_as_a_batch():
    def whole(x, estimate):
        return estimate(x, 10)[0]

    def single(x, estimate):
        return torch.cat([estimate(one[None], 10)[0] for one in x])

    case = Case("two", {"x": image(), "estimate": StandIn("estimate", {"tokens": [TOKEN]})})
    (_, one), (_, other) = asked(whole, case), asked(single, case)
    assert len(one) == len(other) == 2
    assert all(alike(a, b) for a, b in zip(one, other, strict=True))
    assert not alike(one[0], other[1])
    assert first_difference(case, one, other).key == RIGHT


def test_whole_loops_one_after_the_other_go_in_step():
    def each(image, estimate, a, timesteps, seed):
        return torch.cat([loop(x[None], estimate, a, timesteps, seed) for x in image])

    found = queries(call(each, loop_case(), 20, watch=True).sights)
    runs = moments(found, "estimate")
    assert len(runs) == 2 * (len(TIMES) - 1)
    assert [len(m) for m in folded(runs, len(TIMES) - 1)] == [2] * (len(TIMES) - 1)


def test_what_is_not_finite_is_not_compared():
    fine = Sight("f", {"t": 1.0}, {"x": image()})
    nan = Sight("f", {"t": 2.0}, {"x": image() / 0})
    assert usable([fine, nan, fine]) == 1
    assert len(queries([fine, nan, fine])) == 2  # both images of the first


# --- the first difference ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        (step_by_step(told=lambda t: t + 1), "wrong timestep: `t` is too high by 1"),
        (step_by_step(told=lambda t: 500), "`t` is 500 every time"),
        (step_by_step(told=lambda t: TIMES.index(t)), "`t` is the index in the list"),
        (step_by_step(times=lambda ts: ts[1:]), "You skip the first timestep"),
        (step_by_step(times=lambda ts: ts[:-1]), "The last step is missing"),
        (step_by_step(times=lambda ts: [*ts, 0]), "once more at 100"),
        (lambda image, *rest: image, "never calls `estimate`"),
        (lambda image, *rest: loop(image.flip(-2), *rest), "`image` to `estimate` upside down"),
        (lambda image, *rest: loop(image.clamp(-1, 1), *rest), "clamped to [−1, 1]"),
        (lambda image, *rest: loop(1.4 * image, *rest), "1.4 times what it should be"),
        (lambda image, *rest: loop(0 * image, *rest), "all zeros"),
    ],
)
def test_the_first_difference_in_what_is_asked_is_named(wrong, says):
    found = compared(loop, wrong, loop_case())
    assert found.certain
    assert says in found.says


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        (lambda x, x_0, z: (x, x_0.clamp(0, 1), z), "clamped the clean estimate to [0, 1]"),
        (lambda x, x_0, z: (x_0, x, z), "swapped"),
        (lambda x, x_0, z: (x, x_0, 0 * z), "No noise is added in it"),
        (lambda x, x_0, z: (x, x_0, 0.9 * z), "too small"),
        (lambda x, x_0, z: (-x, x_0, z), "The noisy image has the wrong sign"),
        (lambda x, x_0, z: (x, x_0, z[:1].expand_as(z)), "first image's step noise"),
        (lambda x, x_0, z: (image(), x_0, z), "`image` in place of the noisy image"),
    ],
)
def test_a_wrong_step_is_taken_apart(wrong, says):
    found = compared(loop, step_by_step(wrong), loop_case())
    assert found.certain
    assert says in found.says
    assert "from t = " in found.says


def test_noise_after_the_last_step_is_named():
    found = compared(loop, step_by_step(last=True), loop_case())
    assert "Look at your last step" in found.says
    assert "You add noise after the last step, too" in found.says


def test_a_right_loop_shows_no_difference():
    assert compared(loop, step_by_step(), loop_case()).key == RIGHT


def guided(x, t, model, prompt, null, scale):
    def noise_for(embeds):
        return model.unet(x, t, encoder_hidden_states=embeds)[0][:, :3]

    return noise_for(null) + scale * (noise_for(prompt) - noise_for(null))


def guidance_case():
    return Case(
        "guidance",
        {
            "x": image(),
            "t": 400,
            "model": StandIn("closed form"),
            "prompt": torch.tensor([[TOKEN]]),
            "null": torch.tensor([[TOKEN[::-1]]]),
            "scale": 4.0,
        },
    )


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        (lambda x, t, m, p, n, s: guided(x, t, m, p, 0 * n, s), "all zeros"),
        (
            lambda x, t, m, p, n, s: guided(x, t, m, n, n, s),
            "`null` to `model.unet` where `prompt` belongs",
        ),
        (lambda x, t, m, p, n, s: guided(x, t, m, n, p, s), "swapped"),
        (lambda x, t, m, p, n, s: guided(x, t, m, p, n, 2.0), "You guide with γ = 2,"),
        (
            lambda x, t, m, p, n, s: guided(x, t, m, p, n, s).clamp(-1, 1),
            "clamped the guided noise to [−1, 1]",
        ),
        (
            lambda x, t, m, p, n, s: guided(x, t, m, p, n, s)[:1].expand_as(x),
            "first image's estimates for the whole batch",
        ),
    ],
)
def test_prompts_and_their_weights_are_told_apart(wrong, says):
    found = compared(guided, wrong, guidance_case())
    assert found.certain
    assert says in found.says


def test_an_input_that_is_a_weighted_sum_is_taken_apart():
    def forward(image, noise, estimate):
        return estimate(0.6 * image + 0.8 * noise, 300)[0]

    def too_noisy(image, noise, estimate):
        return estimate(0.6 * image + 0.9 * noise, 300)[0]

    case = Case(
        "a sum",
        {
            "image": image(),
            "noise": image(seed=3),
            "estimate": StandIn("estimate", {"tokens": [TOKEN]}),
        },
    )
    found = compared(forward, too_noisy, case)
    assert found.certain
    assert "The weight of `image` is right." in found.says
    assert "The weight of `noise` isn't right: it's too large." in found.says


def test_an_argument_that_is_enlarged_in_another_way_is_named():
    def enlarged(small, noise, estimate, mode="bilinear"):
        large = functional.interpolate(small, noise.shape[-2:], mode=mode, align_corners=True)
        return estimate(0.6 * large + 0.8 * noise, 300)[0]

    def bicubic(small, noise, estimate):
        return enlarged(small, noise, estimate, "bicubic")

    case = Case(
        "an enlargement",
        {
            "small": noise((2, 3, 5, 6), 4),
            "noise": image(seed=3),
            "estimate": StandIn("estimate", {"tokens": [TOKEN]}),
        },
    )
    found = compared(enlarged, bicubic, case)
    assert found.certain
    assert "`small` enlarged bicubically in place of `small` enlarged" in found.says


def test_what_shows_on_some_cases_only_is_no_more_than_a_fact():
    one, other = Difference("one", "One."), Difference("other", "Other.")
    place = Difference("place", "Look here.", certain=False)
    nothing = Difference(RIGHT, "", certain=False)
    assert common([("a", one), ("b", one)]) == one
    assert common([("a", place), ("b", one), ("c", nothing)]) == one
    assert not common([("a", one), ("b", other)]).certain
    assert "“a”" in common([("a", one), ("b", other)]).says
    assert common([("a", nothing), ("b", place)]) == place
    assert common([("a", nothing)]) is None
