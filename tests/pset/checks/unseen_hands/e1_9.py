"""Answers to 1.9, visual anagrams."""
# ruff: noqa: E731 (as they were written)

import numpy as np
import torch

from tests.pset.checks.unseen_hands import open_question, right, wrong


@right("1.9")
def with_six_channels(x_t, t, estimate_1, estimate_2):
    upright = torch.cat(estimate_1(x_t, t), dim=1)
    turned = torch.cat(estimate_2(x_t.flip(2), t), dim=1)
    both = torch.stack([upright, turned.flip(2)]).mean(0)
    return both[:, :3], both[:, 3:]


@right("1.9")
def with_index(x_t, t, estimate_1, estimate_2):
    rows = list(range(x_t.shape[2]))[::-1]
    n1, v1 = estimate_1(x_t, t)
    n2, v2 = estimate_2(x_t[:, :, rows], t)
    return (n1 + n2[:, :, rows]) / 2, (v1 + v2[:, :, rows]) / 2


@right("1.9")
def with_list_of_views(x_t, t, estimate_1, estimate_2):
    views = [
        (estimate_1, lambda x: x, lambda x: x),
        (estimate_2, lambda x: torch.flip(x, [-2]), lambda x: torch.flip(x, [-2])),
    ]
    noise, variance = torch.zeros_like(x_t), torch.zeros_like(x_t)
    for estimate, view, inverse in views:
        eps, v = estimate(view(x_t), t)
        noise += inverse(eps) / len(views)
        variance += inverse(v) / len(views)
    return noise, variance


@right("1.9")
def with_matrix(x_t, t, estimate_1, estimate_2):
    H = x_t.shape[-2]
    J = torch.eye(H, dtype=x_t.dtype, device=x_t.device).fliplr()  # turns the rows round
    out_1 = estimate_1(x_t, t)
    out_2 = [J @ o for o in estimate_2(J @ x_t, t)]
    return tuple(0.5 * (a + b) for a, b in zip(out_1, out_2))


@right("1.9")
def with_numpy(x_t, t, estimate_1, estimate_2):
    def upside_down(x):
        turned = np.ascontiguousarray(np.flip(x.detach().cpu().numpy(), axis=2))
        return torch.from_numpy(turned).to(x)

    e1, var1 = estimate_1(x_t, t)
    e2, var2 = map(upside_down, estimate_2(upside_down(x_t), t))
    return torch.lerp(e1, e2, 0.5), torch.lerp(var1, var2, 0.5)


@right("1.9")
def with_rotation(x_t, t, estimate_1, estimate_2):
    # half a turn and then left and right exchanged: that's top and bottom exchanged
    flip = lambda x: torch.rot90(x, 2, (2, 3)).flip(3)
    eps_1, v_1 = estimate_1(x_t, t)
    eps_2, v_2 = estimate_2(flip(x_t), t)
    return 0.5 * eps_1 + 0.5 * flip(eps_2), 0.5 * v_1 + 0.5 * flip(v_2)


@wrong("1.9", "Doesn't turn the second answer back, neither noise nor variance.")
def left_upside_down(x_t, t, estimate_1, estimate_2):
    noise_1, variance_1 = estimate_1(x_t, t)
    noise_2, variance_2 = estimate_2(torch.flip(x_t, dims=[2]), t)
    return (noise_1 + noise_2) / 2, (variance_1 + variance_2) / 2


@wrong("1.9", "Turns the second noise back but not its variance.")
def variance_left_upside_down(x_t, t, estimate_1, estimate_2):
    eps_1, v_1 = estimate_1(x_t, t)
    eps_2, v_2 = estimate_2(torch.flip(x_t, dims=[2]), t)
    eps_2 = torch.flip(eps_2, dims=[2])
    return 0.5 * (eps_1 + eps_2), 0.5 * (v_1 + v_2)


@wrong("1.9", "Turns the second variance back but not its noise.")
def noise_left_upside_down(x_t, t, estimate_1, estimate_2):
    a = estimate_1(x_t, t)
    b = estimate_2(x_t.flip(2), t)
    return (a[0] + b[0]) / 2, (a[1] + b[1].flip(2)) / 2


@wrong("1.9", "Flips left and right instead of top and bottom.")
def mirror(x_t, t, estimate_1, estimate_2):
    n1, v1 = estimate_1(x_t, t)
    n2, v2 = estimate_2(torch.flip(x_t, dims=[3]), t)
    n2, v2 = torch.flip(n2, dims=[3]), torch.flip(v2, dims=[3])
    return (n1 + n2) / 2, (v1 + v2) / 2


@wrong("1.9", "Turns the picture by 180°, which exchanges left and right too.")
def half_a_turn(x_t, t, estimate_1, estimate_2):
    def turn(x):
        return torch.rot90(x, k=2, dims=[2, 3])

    n1, v1 = estimate_1(x_t, t)
    n2, v2 = estimate_2(turn(x_t), t)
    return (n1 + turn(n2)) / 2, (v1 + turn(v2)) / 2


@wrong("1.9", "Exchanges height and width in place of flipping.")
def transposed(x_t, t, estimate_1, estimate_2):
    n1, v1 = estimate_1(x_t, t)
    n2, v2 = estimate_2(x_t.transpose(2, 3), t)
    return (n1 + n2.transpose(2, 3)) / 2, (v1 + v2.transpose(2, 3)) / 2


@wrong("1.9", "Flips dimension 1: that's the colour channels, not the height.")
def flips_channels(x_t, t, estimate_1, estimate_2):
    def flip(x):
        return torch.flip(x, dims=[1])

    eps1, var1 = estimate_1(x_t, t)
    eps2, var2 = estimate_2(flip(x_t), t)
    return (eps1 + flip(eps2)) / 2, (var1 + flip(var2)) / 2


@wrong("1.9", "torch.flipud flips the first dimension, which here is the batch.")
def flipud(x_t, t, estimate_1, estimate_2):
    eps1, var1 = estimate_1(x_t, t)
    eps2, var2 = estimate_2(torch.flipud(x_t), t)
    return (eps1 + torch.flipud(eps2)) / 2, (var1 + torch.flipud(var2)) / 2


@wrong("1.9", "The second estimate looks at the upright picture; only its answer is flipped.")
def flips_only_the_answer(x_t, t, estimate_1, estimate_2):
    n1, v1 = estimate_1(x_t, t)
    n2, v2 = estimate_2(x_t, t)
    return (n1 + n2.flip(2)) / 2, (v1 + v2.flip(2)) / 2


@wrong("1.9", "Throws the flipped picture away: flip isn't in place, so nothing is flipped.")
def flip_not_assigned(x_t, t, estimate_1, estimate_2):
    noise_1, var_1 = estimate_1(x_t, t)
    torch.flip(x_t, dims=[2])
    noise_2, var_2 = estimate_2(x_t, t)
    torch.flip(noise_2, dims=[2])
    torch.flip(var_2, dims=[2])
    return (noise_1 + noise_2) / 2, (var_1 + var_2) / 2


@wrong("1.9", "Adds the noises without the factor ½; the variance is the mean.")
def sum_of_noises(x_t, t, estimate_1, estimate_2):
    n1, v1 = estimate_1(x_t, t)
    n2, v2 = estimate_2(x_t.flip(2), t)
    return n1 + n2.flip(2), (v1 + v2.flip(2)) / 2


@wrong("1.9", "Halves only the second estimate: the brackets are missing.")
def halves_the_second_only(x_t, t, estimate_1, estimate_2):
    n1, v1 = estimate_1(x_t, t)
    n2, v2 = estimate_2(x_t.flip(2), t)
    noise = n1 + n2.flip(2) / 2
    variance = (v1 + v2.flip(2)) / 2
    return noise, variance


@wrong("1.9", "Divides the sum of the noises by √2, to keep the noise's strength.")
def keeps_the_strength(x_t, t, estimate_1, estimate_2):
    n1, v1 = estimate_1(x_t, t)
    n2, v2 = estimate_2(x_t.flip(2), t)
    # the sum of two independent noises has variance 2
    return (n1 + n2.flip(2)) / 2**0.5, (v1 + v2.flip(2)) / 2


@wrong("1.9", "The variance is the first estimate's alone.")
def first_variance(x_t, t, estimate_1, estimate_2):
    n1, variance = estimate_1(x_t, t)
    n2, _ = estimate_2(x_t.flip(2), t)
    return 0.5 * (n1 + n2.flip(2)), variance


@wrong("1.9", "The variance is the second estimate's, since the name v is used twice.")
def overwritten_variance(x_t, t, estimate_1, estimate_2):
    eps_1, v = estimate_1(x_t, t)
    eps_2, v = estimate_2(torch.flip(x_t, dims=[2]), t)
    eps_2, v = torch.flip(eps_2, dims=[2]), torch.flip(v, dims=[2])
    return 0.5 * (eps_1 + eps_2), v


@wrong("1.9", "Adds the two variances instead of averaging them.")
def sum_of_variances(x_t, t, estimate_1, estimate_2):
    n1, v1 = estimate_1(x_t, t)
    n2, v2 = estimate_2(x_t.flip(2), t)
    return (n1 + n2.flip(2)) / 2, v1 + v2.flip(2)


@wrong("1.9", "Takes the larger of the two variances at each pixel.")
def larger_variance(x_t, t, estimate_1, estimate_2):
    n1, v1 = estimate_1(x_t, t)
    n2, v2 = estimate_2(x_t.flip(2), t)
    return (n1 + n2.flip(2)) / 2, torch.maximum(v1, v2.flip(2))


@wrong("1.9", "Averages the variance over all its pixels too, so it's one number everywhere.")
def one_variance_for_all_pixels(x_t, t, estimate_1, estimate_2):
    n1, v1 = estimate_1(x_t, t)
    n2, v2 = estimate_2(x_t.flip(2), t)
    v = torch.stack([v1, v2.flip(2)]).mean()
    return (n1 + n2.flip(2)) / 2, v.expand_as(v1)


@wrong("1.9", "The two estimates are exchanged: the second one gets the upright picture.")
def exchanged_estimates(x_t, t, estimate_1, estimate_2):
    n2, v2 = estimate_2(x_t, t)
    n1, v1 = estimate_1(torch.flip(x_t, dims=[2]), t)
    return (n2 + n1.flip(2)) / 2, (v2 + v1.flip(2)) / 2


@wrong("1.9", "Asks estimate_1 both times, a slip when the line was copied.")
def copied_line(x_t, t, estimate_1, estimate_2):
    noise_1, variance_1 = estimate_1(x_t, t)
    noise_2, variance_2 = estimate_1(torch.flip(x_t, dims=[2]), t)
    noise_2 = torch.flip(noise_2, dims=[2])
    variance_2 = torch.flip(variance_2, dims=[2])
    return (noise_1 + noise_2) / 2, (variance_1 + variance_2) / 2


@wrong("1.9", "Asks one of the estimates per step, in turn, instead of both.")
def takes_turns(x_t, t, estimate_1, estimate_2):
    if (t // 30) % 2 == 1:
        return estimate_1(x_t, t)
    noise, variance = estimate_2(torch.flip(x_t, dims=[2]), t)
    return torch.flip(noise, dims=[2]), torch.flip(variance, dims=[2])


@wrong("1.9", "Joins the first's upper half with the second's lower half.")
def two_halves(x_t, t, estimate_1, estimate_2):
    n1, v1 = estimate_1(x_t, t)
    n2, v2 = (o.flip(2) for o in estimate_2(x_t.flip(2), t))
    h = x_t.shape[2] // 2
    noise = torch.cat([n1[:, :, :h], n2[:, :, h:]], dim=2)
    variance = torch.cat([v1[:, :, :h], v2[:, :, h:]], dim=2)
    return noise, variance


@wrong("1.9", "Flips the second estimate's sign with the picture: takes its noise times −1.")
def minus_the_second(x_t, t, estimate_1, estimate_2):
    n1, v1 = estimate_1(x_t, t)
    n2, v2 = estimate_2(x_t.flip(2), t)
    return (n1 - n2.flip(2)) / 2, (v1 + v2.flip(2)) / 2


@wrong("1.9", "Understands flip as the negative picture: −x_t instead of upside down.")
def negative_picture(x_t, t, estimate_1, estimate_2):
    n1, v1 = estimate_1(x_t, t)
    n2, v2 = estimate_2(-x_t, t)
    return (n1 - n2) / 2, (v1 - v2) / 2


@wrong("1.9", "Asks the second estimate about the first one's noise instead of about x_t.")
def asks_about_noise(x_t, t, estimate_1, estimate_2):
    noise, variance = estimate_1(x_t, t)
    noise_2, variance_2 = estimate_2(torch.flip(noise, dims=[2]), t)
    noise = (noise + torch.flip(noise_2, dims=[2])) / 2
    variance = (variance + torch.flip(variance_2, dims=[2])) / 2
    return noise, variance


@wrong("1.9", "Flips back the mean of both answers instead of the second answer alone.")
def flips_the_mean(x_t, t, estimate_1, estimate_2):
    n1, v1 = estimate_1(x_t, t)
    n2, v2 = estimate_2(torch.flip(x_t, dims=[2]), t)
    noise = (n1 + n2) / 2
    variance = (v1 + v2) / 2
    return torch.flip(noise, dims=[2]), torch.flip(variance, dims=[2])


@wrong("1.9", "Asks both about the mean of the picture and its flipped copy.")
def averages_the_pictures(x_t, t, estimate_1, estimate_2):
    x = (x_t + torch.flip(x_t, dims=[2])) / 2
    n1, v1 = estimate_1(x, t)
    n2, v2 = estimate_2(x, t)
    return (n1 + n2) / 2, (v1 + v2) / 2


@wrong("1.9", "Turns the answer back along the wrong axis, the width.")
def back_along_width(x_t, t, estimate_1, estimate_2):
    n1, v1 = estimate_1(x_t, t)
    n2, v2 = estimate_2(x_t.flip(-2), t)
    return (n1 + n2.flip(-1)) / 2, (v1 + v2.flip(-1)) / 2


@wrong("1.9", "Returns one tensor with six channels, as the network does, not two tensors.")
def one_tensor(x_t, t, estimate_1, estimate_2):
    upright = torch.cat(estimate_1(x_t, t), dim=1)
    turned = torch.cat(estimate_2(x_t.flip(2), t), dim=1)
    return (upright + turned.flip(2)) / 2


@wrong("1.9", "Returns the noise alone, without the variance.")
def noise_alone(x_t, t, estimate_1, estimate_2):
    noise_1 = estimate_1(x_t, t)[0]
    noise_2 = estimate_2(torch.flip(x_t, dims=[2]), t)[0]
    return (noise_1 + torch.flip(noise_2, dims=[2])) / 2


@wrong("1.9", "Writes the flipped picture into the caller's x_t.")
def overwrites_x_t(x_t, t, estimate_1, estimate_2):
    n1, v1 = (o.clone() for o in estimate_1(x_t.clone(), t))
    x_t[:] = torch.flip(x_t, dims=[2])
    n2, v2 = estimate_2(x_t.clone(), t)
    return (n1 + n2.flip(2)) / 2, (v1 + v2.flip(2)) / 2


@wrong("1.9", "Tells the second estimate the next timestep, t − 30, as if a step had been made.")
def second_one_step_later(x_t, t, estimate_1, estimate_2):
    n1, v1 = estimate_1(x_t, t)
    n2, v2 = estimate_2(x_t.flip(2), max(int(t) - 30, 0))
    return (n1 + n2.flip(2)) / 2, (v1 + v2.flip(2)) / 2


@wrong("1.9", "Two mistakes: flips left and right, and adds the noises without halving.")
def mirror_and_sum(x_t, t, estimate_1, estimate_2):
    eps, v = estimate_1(x_t, t)
    eps_f, v_f = estimate_2(x_t.flip(-1), t)
    return eps + eps_f.flip(-1), (v + v_f.flip(-1)) / 2


@open_question("1.9", "Is a list of two tensors as good as a tuple?")
def returns_a_list(x_t, t, estimate_1, estimate_2):
    n1, v1 = estimate_1(x_t, t)
    n2, v2 = estimate_2(x_t.flip(2), t)
    return [(n1 + n2.flip(2)) / 2, (v1 + v2.flip(2)) / 2]


@open_question("1.9", "May the average be computed and returned in double precision?")
def in_double(x_t, t, estimate_1, estimate_2):
    n1, v1 = (o.double() for o in estimate_1(x_t, t))
    n2, v2 = (o.double().flip(2) for o in estimate_2(x_t.flip(2), t))
    return (n1 + n2) / 2, (v1 + v2) / 2
