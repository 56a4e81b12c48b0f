"""A camera's move against matrices, a dense warp and a scene known exactly; and filled holes."""

import numpy as np
import pytest
import torch

import pset
from pset.checks.inputs import SCHEDULES
from pset.checks.stand_ins import coupled_estimate, estimate, move_a_thing
from pset.closed_form import mean_image
from tests.rounding import assert_same_numbers
from tests.solutions.finding import function

FOCAL = 50.0
TOKEN = [0.1, -0.2, 0.3, 0.2, 0.0, -0.1, 0.1, 0.2, -0.3]


def moved(image, depth, motion, focal=FOCAL):
    """The image from the moved camera, and the mask of its holes."""
    projected = function("project")(depth, motion, focal)
    splat = function("splat")
    return splat(image, projected), 1 - splat(torch.ones_like(image[:, :1]), projected)


def uneven(height, width):
    y, x = torch.meshgrid(torch.arange(height), torch.arange(width), indexing="ij")
    return (3 + torch.sin(0.7 * x) + 0.5 * torch.cos(0.4 * y))[None, None]


@pytest.mark.parametrize("motion", [[0.3, 0.0, 0.0], [0.0, -0.2, 0.4], [-0.1, 0.25, -0.3]])
def test_positions_are_the_camera_matrices(motion):
    """P = K [I | −m], in homogeneous coordinates (Hartley and Zisserman, eq. 6.8)."""
    height, width = 15, 22
    depth = uneven(height, width)
    K = np.array([[FOCAL, 0, (width - 1) / 2], [0, FOCAL, (height - 1) / 2], [0, 0, 1]])
    rows, columns = np.mgrid[:height, :width].reshape(2, -1)
    rays = np.linalg.solve(K, np.stack([columns, rows, np.ones_like(rows)]))
    points = np.concatenate([rays * depth.numpy().reshape(1, -1), np.ones((1, rows.size))])
    seen = K @ np.concatenate([np.eye(3), -np.array(motion)[:, None]], axis=1) @ points
    expected = torch.from_numpy(seen[:2] / seen[2]).reshape(1, 2, height, width).float()
    ours = function("project")(depth, motion, FOCAL)
    torch.testing.assert_close(ours[:, :2], expected, rtol=1e-5, atol=1e-4)
    torch.testing.assert_close(ours[:, 2:], depth - motion[2])


def test_there_and_back_again():
    """A point whose position and depth are known is where it was when the camera is back."""
    depth, motion = uneven(9, 9), [0.2, -0.1, 0.3]
    there = function("project")(depth, motion, FOCAL)
    middle = torch.tensor([4.0, 4.0])[None, :, None, None]
    points = torch.cat([(there[:, :2] - middle) * there[:, 2:] / FOCAL, there[:, 2:]], dim=1)
    back = points + torch.tensor(motion)[None, :, None, None]
    y, x = torch.meshgrid(torch.arange(9.0), torch.arange(9.0), indexing="ij")
    pixels = middle + FOCAL * back[:, :2] / back[:, 2:]
    torch.testing.assert_close(pixels, torch.stack([x, y])[None], rtol=1e-5, atol=1e-4)


def test_no_motion_changes_nothing_and_leaves_no_holes():
    image = torch.cat([pset.photo(name, 32) for name in ("cat", "rocket")])
    depth = torch.cat([uneven(32, 32), 2 * uneven(32, 32)])
    result, holes = moved(image, depth, [0.0, 0.0, 0.0])
    assert torch.equal(result, image)
    assert not holes.any()


@pytest.mark.parametrize("pixels", [(3, 0), (-2, 5)])
def test_a_wall_moves_as_a_dense_warp_does(pixels):
    """By f·m/Z, against the camera: whole pixels here, so that grid_sample is exact."""
    size, wall = 24, 4.0
    image = pset.photo("coffee", size)
    depth = torch.full((1, 1, size, size), wall)
    result, holes = moved(image, depth, [pixels[0] * wall / FOCAL, pixels[1] * wall / FOCAL, 0.0])
    y, x = torch.meshgrid(torch.arange(size), torch.arange(size), indexing="ij")
    at = torch.stack([x + pixels[0], y + pixels[1]], dim=-1)
    at = (2 * at + 1) / size - 1
    warp = {"mode": "nearest", "padding_mode": "zeros", "align_corners": False}
    expected = torch.nn.functional.grid_sample(image, at[None], **warp)
    assert_same_numbers(result, expected)
    arrived = torch.nn.functional.grid_sample(torch.ones_like(image[:, :1]), at[None], **warp)
    assert torch.equal(1 - holes, arrived)


class TestASceneKnownExactly:
    """A square before a wall, both with a smooth pattern; any camera can be computed."""

    SIZE, NEAR, FAR = 64, 2.0, 5.0

    def seen_by(self, motion):
        """Colour, depth, and the point in the world of each pixel."""
        right, down, forward = motion
        n = torch.arange(self.SIZE) - (self.SIZE - 1) / 2
        y, x = torch.meshgrid(n / FOCAL, n / FOCAL, indexing="ij")
        layers = []
        for z in (self.NEAR, self.FAR):
            X, Y = right + x * (z - forward), down + y * (z - forward)
            layers.append(torch.stack([X, Y, torch.full_like(X, z)]))
        X, Y, _ = layers[0]
        on_square = (X > -0.42) & (X < 0.35) & (Y > -0.3) & (Y < 0.5)
        point = torch.where(on_square, *layers)
        colour = torch.stack([torch.sin(X) * 0.8 for X in point])[None]
        return colour, (point[2] - forward)[None, None], point

    @pytest.mark.parametrize("motion", [[0.37, 0.0, 0.0], [-0.21, 0.33, 0.0], [0.2, 0.1, -0.3]])
    def test_what_is_seen_is_the_truth_and_holes_are_what_was_hidden(self, motion):
        image, depth, _ = self.seen_by([0.0, 0.0, 0.0])
        truth, _, (X, Y, Z) = self.seen_by(motion)
        result, holes = moved(image, depth, motion)
        middle = (self.SIZE - 1) / 2
        # Where the camera saw this point before it moved, and what it saw there instead.
        x, y = ((FOCAL * n / Z + middle).round().long() for n in (X, Y))
        inside = (x >= 0) & (x < self.SIZE) & (y >= 0) & (y < self.SIZE)
        last = self.SIZE - 1
        hidden = depth[0, 0][y.clamp(0, last), x.clamp(0, last)] < Z - 0.5
        was_hidden = hidden | ~inside
        assert 50 < int(was_hidden.sum()) < 1800
        # Half a pixel either way at the outlines, and no more.
        wider, narrower = (
            torch.nn.functional.max_pool2d(m[None, None].float(), 3, 1, 1)[0, 0] > 0
            for m in (was_hidden, ~was_hidden)
        )
        hole = holes[0, 0] > 0
        assert int((hole & ~wider).sum()) == 0
        assert int((~hole & ~narrower).sum()) == 0
        # A pixel's colour comes from half a pixel away at most: by the pattern's slope, 0.8·Z/f
        # in each direction. Near outlines, the square may be on the wrong side.
        off = (truth - result)[0].abs().amax(0)[~hole & ~wider]
        assert float((off > 0.8 * self.FAR / FOCAL).float().mean()) < 0.02


class TestHoles:
    def fill(self, image, move, world, seed=1, schedule="cosine"):
        a = SCHEDULES[schedule]()
        return function("fill_hidden")(image, move, world, a, pset.noise(image.shape, seed))

    @pytest.mark.parametrize("schedule", SCHEDULES)
    def test_what_arrives_is_exactly_what_arrives(self, schedule):
        image = torch.cat([pset.photo(name, 20) for name in ("cat", "coffee")])
        move = move_a_thing([4, 5, 12, 13], -3, 1)
        result = self.fill(image, move, coupled_estimate(TOKEN, schedule=schedule), 1, schedule)
        arrived = move(torch.ones_like(image)) > 0
        assert torch.equal(result[arrived], move(image)[arrived])
        assert not torch.equal(result[~arrived], move(image)[~arrived])
        assert float(result[~arrived].abs().min()) > 0

    def test_without_a_hole_nothing_is_invented(self):
        image = pset.photo("rocket", 16)
        assert torch.equal(self.fill(image, lambda x: x, coupled_estimate(TOKEN)), image)

    def test_holes_get_what_the_model_expects_there(self):
        """Pixels of this world are independent: each has the mean and the spread of its own."""
        image = pset.photo("cat", 16).expand(64, -1, -1, -1)
        move = move_a_thing([4, 4, 12, 12], 3, 0)
        result = self.fill(image, move, estimate([TOKEN], scale=0.2))
        hole = move(torch.ones_like(image[:1, :1]))[0, 0] == 0
        rest = (result - mean_image(torch.tensor([TOKEN]), 16, 16))[..., hole] / 0.2
        count = rest.numel()
        # 33 steps, and not 1000, leave the spread a little off: a twentieth at most.
        assert abs(float(rest.mean())) < 3.9 / count**0.5 + 0.05
        assert abs(float(rest.var()) - 1) < 3.9 * (2 / count) ** 0.5 + 0.05
