"""Strokes in one place, video, and noise that moves along, on closed forms and by properties."""

import pytest
import torch

import pset
from pset.checks.inputs import SCHEDULES
from pset.checks.stand_ins import coupled_estimate, estimate
from tests.rounding import assert_same_numbers
from tests.solutions.finding import function

SIZE = 16
TOKEN = [0.1, -0.2, 0.3, 0.2, 0.0, -0.1, 0.1, 0.2, -0.3]


@pytest.fixture(params=SCHEDULES)
def schedule(request) -> str:
    return request.param


class TestStrokes:
    @pytest.fixture
    def edited(self, schedule):
        """A function: region → the edit of two photographs with a bar over them."""
        image = torch.cat([pset.photo(name, SIZE) for name in ("cat", "rocket")])
        painted = image.clone()
        painted[..., 4:7, :] = 0.9
        noise = pset.noise(image.shape)
        a = SCHEDULES[schedule]()
        world = coupled_estimate(TOKEN, schedule=schedule)

        def edit(region, painted=painted, i_start=20):
            return function("edit_strokes")(image, painted, region, i_start, world, a, noise)

        edit.image, edit.painted, edit.noise, edit.a, edit.world = image, painted, noise, a, world
        return edit

    def test_outside_is_exactly_the_photograph(self, edited):
        region = torch.zeros(2, 1, SIZE, SIZE)
        region[0, :, 2:9, 3:12], region[1, :, 5:, :] = 1, 1
        result = edited(region)
        stays = (region == 0).expand_as(result)
        assert torch.equal(result[stays], edited.image[stays])
        assert not torch.equal(result[~stays], edited.image[~stays])

    def test_nowhere_is_the_photograph_and_everywhere_is_sdedit(self, edited):
        assert torch.equal(edited(torch.zeros(1, 1, SIZE, SIZE)), edited.image)

        def denoise(x, i):
            return pset.iterative_denoise(x, i, edited.world, edited.a)

        plain = function("sdedit")(edited.painted, 20, denoise, edited.a, edited.noise)
        assert_same_numbers(edited(torch.ones(1, 1, SIZE, SIZE)), plain)

    def test_the_strokes_are_seen_in_the_result(self, edited):
        region = torch.zeros(1, 1, SIZE, SIZE)
        region[..., 3:8, :] = 1
        bar = (..., slice(4, 7), slice(None))
        with_bar, without = (
            edited(region, x, i_start=28)[bar] for x in (edited.painted, edited.image)
        )
        assert float((with_bar - without).mean()) > 0.1


class TestVideo:
    def edit(self, frames, noise, schedule="cosine", seed=3):
        a = SCHEDULES[schedule]()
        world = coupled_estimate(TOKEN, schedule=schedule)
        return function("edit_video")(frames, 15, world, a, noise, seed)

    def test_what_stands_still_keeps_still(self, schedule):
        frames = pset.photo("coffee", SIZE).expand(4, -1, -1, -1)
        edited = self.edit(frames, pset.noise((1, 3, SIZE, SIZE)), schedule)
        assert_same_numbers(edited, edited[:1].expand_as(edited))
        assert not torch.equal(edited[0], frames[0])

    def test_a_frame_is_edited_as_if_alone(self, schedule):
        frames = torch.cat([pset.photo(name, SIZE) for name in ("cat", "rocket", "coffee")])
        noise = pset.noise((1, 3, SIZE, SIZE))
        together = self.edit(frames, noise, schedule)
        alone = torch.cat([self.edit(frames[k : k + 1], noise, schedule) for k in range(3)])
        assert_same_numbers(together, alone)

    def test_less_flicker_than_with_fresh_noise(self):
        """Only the light changes a little between two frames."""
        photograph = pset.photo("cat", SIZE)
        frames = torch.cat([photograph, photograph + 0.05])
        one, other = (pset.noise((1, 3, SIZE, SIZE), k) for k in (1, 2))
        shared = self.edit(frames, one)
        fresh = torch.cat([self.edit(frames[:1], one), self.edit(frames[1:], other, seed=4)])

        def flicker(video):
            return float((video[1] - video[0]).pow(2).mean())

        assert flicker(shared) < 0.1 * flicker(fresh)


class TestWarpedNoise:
    def warp(self, flow, seed=1):
        shape = (1, 3, *flow.shape[-2:])
        return function("warp_noise")(pset.noise(shape, seed), flow, pset.noise(shape, seed + 1))

    def test_no_flow_changes_nothing(self):
        noise = pset.noise((1, 3, SIZE, SIZE), 1)
        assert torch.equal(self.warp(torch.zeros(1, 2, SIZE, SIZE)), noise)

    def test_right_is_right_and_down_is_down(self):
        flow = torch.tensor([2.0, -1.0])[None, :, None, None].expand(1, 2, SIZE, SIZE)
        noise, moved = pset.noise((1, 3, SIZE, SIZE), 1), self.warp(flow)
        assert torch.equal(moved[..., :-1, 2:], noise[..., 1:, :-2])
        fresh = pset.noise((1, 3, SIZE, SIZE), 2)
        assert torch.equal(moved[..., :2], fresh[..., :2])

    def test_growing_keeps_variance_and_independence_where_interpolation_loses_them(self):
        side = 64
        y, x = torch.meshgrid(torch.arange(side), torch.arange(side), indexing="ij")
        flow = torch.stack([x - side / 2, y - side / 2])[None] * (1 - 1 / 1.4)
        moved = self.warp(flow)
        # Bounds that one normal draw in 10,000 leaves: 3.9 standard deviations.
        count = moved.numel()
        assert abs(float(moved.pow(2).mean()) - 1) < 3.9 * (2 / count) ** 0.5
        for shifted, kept in (
            (moved[..., 1:], moved[..., :-1]),
            (moved[..., 1:, :], moved[..., :-1, :]),
        ):
            assert abs(float((shifted * kept).mean())) < 3.9 / count**0.5

        at = torch.stack([x - flow[0, 0], y - flow[0, 1]], dim=-1)[None]
        noise = pset.noise((1, 3, side, side), 1)
        blurred = torch.nn.functional.grid_sample(
            noise, (2 * at + 1) / side - 1, align_corners=False
        )
        assert float(blurred.var()) < 0.7
        assert float((blurred[..., 1:] * blurred[..., :-1]).mean()) > 0.1


def test_strokes_need_no_surroundings_when_pixels_are_independent():
    """Then the inside is plain SDEdit's, whatever is outside."""
    a = SCHEDULES["cosine"]()
    image, noise = pset.photo("cat", SIZE), pset.noise((1, 3, SIZE, SIZE))
    painted = -image
    region = torch.zeros(1, 1, SIZE, SIZE)
    region[..., 5:, 5:] = 1
    world = estimate([TOKEN])
    result = function("edit_strokes")(image, painted, region, 12, world, a, noise)
    t = pset.STRIDED_TIMESTEPS[12]
    plain = pset.iterative_denoise(a[t].sqrt() * painted + (1 - a[t]).sqrt() * noise, 12, world, a)
    assert_same_numbers(result[..., 5:, 5:], plain[..., 5:, 5:])
