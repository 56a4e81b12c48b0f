"""Answers to 2.24c, Imagic's third stage."""

import torch

from tests.pset.checks.unseen_hands import right, wrong


@right("2.24c")
def by_broadcasting(e_opt, e_target, alphas):
    along = torch.tensor(alphas, dtype=e_opt.dtype, device=e_opt.device)[:, None, None]
    return e_opt + along * (e_target - e_opt)


@right("2.24c")
def one_after_another(e_opt, e_target, alphas):
    mixed = []
    for alpha in alphas:
        mixed += [torch.lerp(e_opt[0], e_target[0], float(alpha))]
    return torch.stack(mixed)


@wrong("2.24c", "Goes from the target to the photograph: α = 0 is the target.")
def from_the_target(e_opt, e_target, alphas):
    return torch.cat([alpha * e_opt + (1 - alpha) * e_target for alpha in alphas])


@wrong("2.24c", "Doesn't let α go beyond 1.")
def not_beyond(e_opt, e_target, alphas):
    along = torch.tensor(alphas).clamp(0, 1).view(-1, 1, 1).to(e_opt)
    return (1 - along) * e_opt + along * e_target


@wrong("2.24c", "Returns a list.")
def a_list(e_opt, e_target, alphas):
    return [(1 - alpha) * e_opt + alpha * e_target for alpha in alphas]


@wrong("2.24c", "Stacks embeddings that have a batch dimension already: [A, 1, N, D].")
def one_dimension_too_many(e_opt, e_target, alphas):
    return torch.stack([(1 - alpha) * e_opt + alpha * e_target for alpha in alphas])


@wrong("2.24c", "The factor 1 − α is missing.")
def adds_target(e_opt, e_target, alphas):
    return torch.cat([e_opt + alpha * e_target for alpha in alphas])


@wrong("2.24c", "Divides the way from 0 to 1 evenly, whatever the α are.")
def evenly_spaced(e_opt, e_target, alphas):
    along = torch.linspace(0, 1, len(alphas)).view(-1, 1, 1).to(e_opt)
    return (1 - along) * e_opt + along * e_target


@wrong("2.24c", "Starts each mixture from the one before.")
def from_the_last_one(e_opt, e_target, alphas):
    embeds, e = [], e_opt
    for alpha in alphas:
        e = (1 - alpha) * e + alpha * e_target
        embeds.append(e)
    return torch.cat(embeds)


@wrong("2.24c", "Moves the caller's e_opt.")
def moves_e_opt(e_opt, e_target, alphas):
    start = e_opt.clone()
    embeds = []
    for alpha in alphas:
        embeds.append(e_opt.copy_((1 - alpha) * start + alpha * e_target).clone())
    return torch.cat(embeds)


@wrong("2.24c", "Leaves the parentheses out: 1 − α·e_opt.")
def without_brackets(e_opt, e_target, alphas):
    return torch.cat([1 - alpha * e_opt + alpha * e_target for alpha in alphas])
