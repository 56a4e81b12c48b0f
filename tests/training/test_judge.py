"""The judge that is shipped, its labels, and the measures computed from it."""

import numpy as np
import pytest
import torch

from training.data import grammar, prompts
from training.data.grammar import Scene
from training.judging import augmentation, by_hand, evaluate, judge


def test_weights_are_small_and_load():
    net = judge.load()
    assert judge.WEIGHTS.stat().st_size < 6e6
    verdict = net(torch.zeros(2, 3, 64, 64))
    assert verdict.subject.shape == verdict.present.shape == (2, len(grammar.SUBJECTS))
    assert verdict.style.shape == (2, len(grammar.STYLES))
    assert verdict.worn.shape == (2, 1 + len(grammar.ATTRIBUTES))
    assert verdict.setting.shape == (2, 1 + len(grammar.SETTINGS))


def test_ceiling_is_known():
    ceiling = judge.ceiling()
    assert set(ceiling) == {
        "subject", "style", "both", "worn", "setting", "order",
        "not there", "nothing worn", "no setting",
    }  # fmt: skip
    assert ceiling["subject"] > 0.9
    assert ceiling["style"] > 0.9
    assert all(0.8 < share <= 1 for share in ceiling.values())


def test_labels():
    pair = prompts.scene("photo", "cat", "next to", "dog")
    cake = prompts.scene("photo", "lemon", "cake", "cake")
    single = prompts.scene("photo", "cat", worn="wearing a crown", setting="at night")
    real = Scene(-1, 0, photograph=1)
    known = judge.labels([pair, cake, single, real])
    assert known.there.sum(1).tolist() == [2, 2, 1, 0]
    assert known.there[0, pair.subject] == known.there[0, pair.other] == 1
    assert known.worn.tolist() == [0, 0, 2, 0]
    assert known.setting.tolist() == [0, 0, 2, 0]
    assert known.side[0, pair.subject] == -1
    assert known.side[0, pair.other] == 1
    assert not known.side[1:].any()
    flipped = known.mirrored(torch.tensor([True, False, True, True]))
    assert flipped.side[0, pair.subject] == 1
    assert torch.equal(flipped.there, known.there)


def perfect(scenes):
    """The verdict of a judge that is always right."""
    known = judge.labels(scenes)

    def sure(which, count):
        return 20 * torch.nn.functional.one_hot(which, count).float()

    return judge.Verdict(
        20 * known.there, sure(known.style, 6), 40 * known.there - 20, sure(known.worn, 7),
        sure(known.setting, 8), 20 * known.side.float(),
    )  # fmt: skip


def test_what_is_right():
    scenes = [*prompts.LISTED.values(), prompts.scene("photo", "cat", "and", "dog")]
    v = perfect(scenes)
    assert all(head.all() for head in judge.right(v, scenes))
    assert judge.loss(v, judge.labels(scenes)) < 1.5
    swapped = v._replace(right=-v.right)
    assert not judge.right(swapped, scenes).order[-1]
    one_missing = v._replace(present=v.present.clone())
    one_missing.present[-1, scenes[-1].other] = -5
    assert judge.right(one_missing, scenes).both.tolist() == [True] * (len(scenes) - 1) + [False]
    assert judge.loss(one_missing, judge.labels(scenes)) > judge.loss(v, judge.labels(scenes))


def test_it_learns_colours():
    scenes = [Scene(i % 3, i % 2) for i in range(256)]
    pixels = np.zeros((256, 3, 32, 32), np.uint8)
    for i in range(256):
        pixels[i, i % 3] = 200
        pixels[i, :, :16] //= 1 + i % 2
    torch.manual_seed(0)
    net = judge.Judge(width=8)
    losses = [s.loss for s in judge.train(net, pixels, scenes, epochs=20)]
    assert losses[-1] < losses[0]
    assert judge.accuracy(net, pixels, scenes)["subject"] > 0.9


def test_a_thing_is_where_its_cells_say():
    net = judge.Judge(width=8).eval()
    net.body = torch.nn.Sequential(
        torch.nn.AdaptiveAvgPool2d(4), torch.nn.ConstantPad3d((0, 0, 0, 0, 0, 61), 0)
    )
    with torch.no_grad():
        net.here.weight.zero_()
        net.here.weight[:3, :3, 0, 0] = 10 * torch.eye(3)  # things 0, 1, 2 are red, green, blue
    x = -torch.ones(1, 3, 64, 64)
    x[:, 0, 16:48, :16] = 1
    x[:, 1, 16:48, 48:] = 1
    with torch.inference_mode():
        v, halved = net(x), net(torch.nn.functional.avg_pool2d(x, 2))
    assert (v.present[0, :3] > 0).tolist() == [True, True, False]
    assert v.right[0, 0] < -1 < 1 < v.right[0, 1]
    assert v.right[0, 2].abs() < 1e-4
    assert torch.equal(v.present[0, :3] > 0, halved.present[0, :3] > 0)


@pytest.mark.parametrize("shift", [-2.0, 3.0])
def test_calibration_misses_as_much_as_it_imagines(shift):
    pairs = [Scene(i % 30, 0, relation=0, other=30 + i % 30) for i in range(400)]
    singles = [Scene(0, 0)] * 100  # not asked
    scenes = pairs + singles
    there = judge.labels(scenes).there
    g = torch.Generator().manual_seed(1)
    scores = 2 * there - 1 + shift + torch.randn(there.shape, generator=g)
    scores[len(pairs) :] = 50

    class Fixed(torch.nn.Module):
        threshold = torch.zeros(())

        def forward(self, x):
            zeros = torch.zeros(len(x), 8)
            return judge.Verdict(zeros, zeros, scores[: len(x)] - self.threshold, *[zeros] * 3)

    net = Fixed()
    judge.calibrate(net, np.zeros((500, 3, 8, 8), np.uint8), scenes)
    assert float(net.threshold) == pytest.approx(shift, abs=0.15)
    seen = (scores[:400] > net.threshold).float()
    missed, imagined = 1 - seen[there[:400] > 0].mean(), seen[there[:400] == 0].mean()
    assert float(missed - imagined) == pytest.approx(0, abs=0.01)


def test_augmented_pictures_say_which_are_mirrored():
    x = -torch.ones(64, 3, 64, 64)
    x[..., 24:40, 8:20] = 1  # on the left
    for seed in range(4):
        made, flip = augmentation.augmented(x, torch.Generator().manual_seed(seed))
        half = made.shape[-1] // 2
        right = made[..., half:].mean((1, 2, 3)) > made[..., :half].mean((1, 2, 3))
        assert torch.equal(right, flip)
        assert 0 < flip.sum() < len(flip)


def test_pairs_are_of_the_grammar():
    assert len(evaluate.PAIRS) == 20
    for pair in evaluate.PAIRS:
        assert len({evaluate.index_of(key) for key in pair}) == 2


def test_a_and_c():
    perfect_pair = np.array([[[0.9, 0.0], [0.0, 0.8]]])
    a, c = evaluate.a_and_c(perfect_pair)
    assert a == pytest.approx(0.8)
    assert c == pytest.approx(1, abs=1e-6)
    same = np.full((3, 2, 2), 0.3)
    assert evaluate.a_and_c(same) == (pytest.approx(0.3), pytest.approx(0.5))


def test_pictures_joined_by_hand_have_the_sides_they_are_made_of():
    rows = torch.arange(64.0).view(64, 1).expand(2, 3, 64, 64)
    one, other = 0.4 * torch.cos(rows / 10), 0.4 * torch.cos(rows * 1.5)  # slow and fast waves
    upright, turned = evaluate.sides_of("anagram", by_hand.joined("anagram", one, other)).unbind(1)
    torch.testing.assert_close(upright, (one + other.flip(2)) / 2)
    torch.testing.assert_close(turned, (other + one.flip(2)) / 2)
    far, near = evaluate.sides_of("hybrid", by_hand.joined("hybrid", one, other)).unbind(1)
    inner = slice(12, -12)  # away from the border, where a blur reflects
    for side, wave in ((far, one), (near, other)):
        a, b = (x[..., inner, :].flatten() for x in (side, wave))
        assert float(torch.corrcoef(torch.stack([a, b]))[0, 1]) > 0.99


def test_what_is_wanted_begins_again_in_another_style():
    pairs, styles = evaluate.wanted(40)
    assert (pairs[:20] == pairs[20:]).all()
    assert (styles[:20] != styles[20:]).all()
    many = zip(*evaluate.wanted(evaluate.DIFFERENT), strict=True)
    assert len({(*map(int, p), int(k)) for p, k in many}) == evaluate.DIFFERENT
