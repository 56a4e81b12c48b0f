"""DDIM against diffusers' schedulers and closed forms; Imagic by what each stage may change."""

from itertools import pairwise

import pytest
import torch
from diffusers import DDIMInverseScheduler, DDIMScheduler

import pset
from pset.checks.inputs import SCHEDULES
from pset.checks.stand_in_training import WIDTH, SmallNetwork, denoising_loss
from pset.checks.stand_ins import coupled_estimate, estimate
from pset.closed_form import mean_image
from tests.rounding import assert_same_numbers
from tests.solutions.finding import function

SIZE = 16
TOKEN = [0.1, -0.2, 0.3, 0.2, 0.0, -0.1, 0.1, 0.2, -0.3]
STEP = 50  # 20 steps of diffusers' "leading" timesteps: 950, 900, …, 0

DIFFUSERS = {"clip_sample": False, "set_alpha_to_one": False, "steps_offset": 0}


def scheduler(kind, schedule):
    """One of diffusers' schedulers with the course's alphas, set to 20 steps."""
    made = kind(beta_schedule="squaredcos_cap_v2", **DIFFUSERS)
    made.alphas_cumprod = SCHEDULES[schedule]()
    made.set_timesteps(1000 // STEP)
    return made


def evenly(top, count):
    return torch.linspace(0, top, count + 1).round().int().tolist()


@pytest.mark.parametrize("schedule", SCHEDULES)
class TestSchedulers:
    def test_down_is_ddim_schedulers(self, schedule):
        theirs, world = scheduler(DDIMScheduler, schedule), coupled_estimate(TOKEN)
        x_T = pset.noise((2, 3, SIZE, SIZE))
        x = x_T
        timesteps = theirs.timesteps.tolist()
        assert timesteps == list(range(950, -1, -STEP))
        for t in timesteps[:-1]:
            x = theirs.step(world(x, t)[0], t, x, eta=0.0).prev_sample
        ours = function("ddim")(x_T, world, SCHEDULES[schedule](), timesteps)
        assert_same_numbers(ours, x)

    def test_up_is_ddim_inverse_schedulers(self, schedule):
        """Its `step(noise, t, x)` takes x from t − 50 to t; the noise is asked for at t − 50."""
        theirs, world = scheduler(DDIMInverseScheduler, schedule), coupled_estimate(TOKEN)
        image = torch.cat([pset.photo(name, SIZE) for name in ("cat", "rocket")])
        rising = list(range(0, 951, STEP))
        x = image
        for t, t_next in pairwise(rising):
            x = theirs.step(world(x, t)[0], t_next, x).prev_sample
        ours = function("ddim")(image, world, SCHEDULES[schedule](), rising)
        assert_same_numbers(ours, x)


class TestClosedForm:
    """Independent Gaussian pixels: the flow of DDIM is known, x_t − √ᾱ·μ grows as √v_t does."""

    SCALE = 0.3

    def exactly(self, x, t, t_next, a):
        mu = mean_image(torch.tensor([TOKEN]), SIZE, SIZE)
        v, v_next = (a[s] * self.SCALE**2 + 1 - a[s] for s in (t, t_next))
        return a[t_next].sqrt() * mu + (v_next / v).sqrt() * (x - a[t].sqrt() * mu)

    def test_inversion_comes_to_the_exact_noise(self):
        a, image = SCHEDULES["cosine"](), pset.photo("coffee", SIZE)
        world = estimate([TOKEN], scale=self.SCALE)
        exact = self.exactly(image, 0, 900, a)
        off = []
        for count in (15, 30, 60, 120):
            x = function("ddim")(image, world, a, evenly(900, count))
            off.append(float((x - exact).pow(2).mean().sqrt()))
        # Euler's method is of first order: twice the steps, half the error, in the limit.
        assert all(0.35 < fine / coarse < 0.65 for coarse, fine in pairwise(off))
        assert off[-1] < 0.05

    def test_there_and_back_the_error_falls_with_the_steps(self):
        a, image = SCHEDULES["linear"](), pset.photo("cat", SIZE)
        world = coupled_estimate(TOKEN, schedule="linear")
        off = []
        for count in (10, 20, 40, 80):
            rising = evenly(960, count)
            x = function("ddim")(image, world, a, rising)
            back = function("ddim")(x, world, a, rising[::-1])
            off.append(float((back - image).pow(2).mean().sqrt()))
        assert all(fine < 0.75 * coarse for coarse, fine in pairwise(off))

    def test_guidance_spoils_the_inversion(self):
        """Without it, the top has mean 0 and variance 1; with it, another mean."""
        a = SCHEDULES["cosine"]()
        mu = mean_image(torch.tensor([TOKEN]), SIZE, SIZE)
        images = mu + self.SCALE * pset.noise((64, 3, SIZE, SIZE))
        with_prompt, without = (estimate([x], self.SCALE) for x in (TOKEN, [-n for n in TOKEN]))

        def guided(scale):
            return lambda x, t: (
                without(x, t)[0].lerp(with_prompt(x, t)[0], scale),
                torch.zeros_like(x),
            )

        def of_the_top(scale):
            top = function("ddim")(images, guided(scale), a, evenly(990, 300))
            return float(top.mean(0).pow(2).mean()), float(top.var(0).mean())

        mean_square, variance = of_the_top(1)
        # The mean of 64 draws has a square of 1/64; the rest is the length of the steps.
        assert mean_square < 0.03
        assert abs(variance - 1) < 0.05
        assert of_the_top(7)[0] > 0.1


def test_the_same_prompt_without_guidance_gives_the_photograph_back():
    a, image = SCHEDULES["cosine"](), pset.photo("rocket", SIZE)
    world = coupled_estimate(TOKEN)

    def walk(x, estimate, timesteps):
        return function("ddim")(x, estimate, a, timesteps)

    edited = function("edit_photo")(image, "it", "it", 1, lambda *_: world, walk, evenly(600, 120))
    assert float((edited - image).pow(2).mean().sqrt()) < 0.02


class TestImagic:
    LR, STEPS = 0.03, 40

    @pytest.fixture
    def parts(self):
        """A loss, a network, and the embedding of a target."""
        return denoising_loss("cat", 7), SmallNetwork(3), pset.noise((1, 5, WIDTH), 4)

    def mean_loss(self, loss, network, embeds):
        with torch.no_grad():
            return float(torch.stack([loss(network, embeds, k) for k in range(self.STEPS)]).mean())

    def test_stage_1_lowers_the_loss_and_leaves_the_network(self, parts):
        loss, network, target = parts
        before = {name: value.clone() for name, value in network.state_dict().items()}
        kept = target.clone()
        e_opt = function("optimise_embedding")(loss, network, target, self.LR, self.STEPS)
        assert all(torch.equal(before[name], value) for name, value in network.state_dict().items())
        assert torch.equal(target, kept)
        assert not e_opt.requires_grad
        same_draws = [self.mean_loss(loss, network, e) for e in (e_opt, target)]
        assert same_draws[0] < same_draws[1]

    def test_stage_2_lowers_the_loss_and_leaves_the_embedding(self, parts):
        loss, network, target = parts
        kept = target.clone()
        before = self.mean_loss(loss, network, target)
        losses = function("tune_network")(loss, network, target, self.LR, self.STEPS)
        assert torch.equal(target, kept)
        assert losses.shape == (self.STEPS,)
        assert not losses.requires_grad
        assert self.mean_loss(loss, network, target) < 0.8 * before
        assert float(losses[0]) == pytest.approx(float(loss(SmallNetwork(3), target, 0)))

    @pytest.mark.parametrize("name", ["optimise_embedding", "tune_network"])
    def test_they_work_where_gradients_are_off(self, parts, name):
        with torch.no_grad():
            off = function(name)(*parts, self.LR, 3)
        fresh = (denoising_loss("cat", 7), SmallNetwork(3), pset.noise((1, 5, WIDTH), 4))
        assert torch.equal(off, function(name)(*fresh, self.LR, 3))

    def test_the_ends_of_the_interpolation_are_exact(self):
        e_opt, e_target = pset.noise((1, 7, 5), 1), pset.noise((1, 7, 5), 2)
        ends = function("mix")(e_opt, e_target, [0.0, 1.0, 0.5, 2.0])
        assert torch.equal(ends[:1], e_opt)
        assert torch.equal(ends[1:2], e_target)
        torch.testing.assert_close(ends[2:3], (e_opt + e_target) / 2)
        torch.testing.assert_close(ends[3:], 2 * e_target - e_opt)
