"""Answers to 2.13, many views at once."""

import torch

from tests.pset.checks.unseen_hands import right, wrong


@right("2.13")
def stacked(x_t, t, views, estimates):
    answers = [undo(*e(view(x_t), t)) for (view, undo), e in zip(views, estimates)]
    noises, variances = zip(*answers)
    return torch.stack(noises).mean(0), torch.stack(variances).mean(0)


@right("2.13")
def running_mean(x_t, t, views, estimates):
    noise = variance = torch.zeros_like(x_t)
    for k in range(len(views)):
        view, undo = views[k]
        eps, v = undo(*estimates[k](view(x_t), t))
        noise = noise + (eps - noise) / (k + 1)
        variance = variance + (v - variance) / (k + 1)
    return noise, variance


@wrong("2.13", "Doesn't bring the answers back.")
def not_brought_back(x_t, t, views, estimates):
    noises, variances = [], []
    for (view, _), estimate in zip(views, estimates):
        eps, v = estimate(view(x_t), t)
        noises.append(eps)
        variances.append(v)
    return sum(noises) / len(views), sum(variances) / len(views)


@wrong("2.13", "Asks every estimate about the picture as it is, and only undoes the answers.")
def never_viewed(x_t, t, views, estimates):
    answers = [undo(*estimate(x_t, t)) for (_, undo), estimate in zip(views, estimates)]
    noises, variances = zip(*answers)
    return torch.stack(noises).mean(dim=0), torch.stack(variances).mean(dim=0)


@wrong("2.13", "Adds the views' noise up and doesn't divide by their number.")
def noises_added(x_t, t, views, estimates):
    noise, variance = torch.zeros_like(x_t), torch.zeros_like(x_t)
    for (view, undo), estimate in zip(views, estimates):
        eps, v = undo(*estimate(view(x_t), t))
        noise = noise + eps
        variance = variance + v / len(views)
    return noise, variance


@wrong("2.13", "Returns the last view's variance instead of the mean.")
def last_variance(x_t, t, views, estimates):
    noise = 0
    for (view, undo), estimate in zip(views, estimates):
        eps, variance = undo(*estimate(view(x_t), t))
        noise = noise + eps
    return noise / len(views), variance


@wrong("2.13", "Counts on two views.")
def two_views(x_t, t, views, estimates):
    (view_1, undo_1), (view_2, undo_2) = views[0], views[1]
    noise_1, variance_1 = undo_1(*estimates[0](view_1(x_t), t))
    noise_2, variance_2 = undo_2(*estimates[1](view_2(x_t), t))
    return (noise_1 + noise_2) / 2, (variance_1 + variance_2) / 2


@wrong("2.13", "Brings the noise back, but not the variance channels.")
def variance_not_back(x_t, t, views, estimates):
    noises, variances = [], []
    for i, (view, undo) in enumerate(views):
        eps, v = estimates[i](view(x_t), t)
        noises.append(undo(eps, v)[0])
        variances.append(v)
    return torch.stack(noises).mean(dim=0), torch.stack(variances).mean(dim=0)


@wrong("2.13", "Asks the first estimate about all views.")
def first_estimate(x_t, t, views, estimates):
    answers = []
    for view, undo in views:
        answers.append(undo(*estimates[0](view(x_t), t)))
    n = len(answers)
    return sum(a[0] for a in answers) / n, sum(a[1] for a in answers) / n


@wrong("2.13", "Applies each view to the one before instead of to x_t.")
def view_of_a_view(x_t, t, views, estimates):
    noises, variances = [], []
    for (view, undo), estimate in zip(views, estimates):
        x_t = view(x_t)
        eps, v = undo(*estimate(x_t, t))
        noises.append(eps)
        variances.append(v)
    return torch.stack(noises).mean(dim=0), torch.stack(variances).mean(dim=0)


@wrong("2.13", "Applies the view to the answers once more where it should undo it.")
def viewed_twice(x_t, t, views, estimates):
    noise, variance = torch.zeros_like(x_t), torch.zeros_like(x_t)
    for (view, _), estimate in zip(views, estimates):
        eps, v = estimate(view(x_t), t)
        noise = noise + view(eps) / len(views)
        variance = variance + view(v) / len(views)
    return noise, variance


@wrong("2.13", "Adds the other views' answers into the first estimate's own tensors.")
def adds_into_first(x_t, t, views, estimates):
    view, undo = views[0]
    noise, variance = undo(*estimates[0](view(x_t), t))
    for (view, undo), estimate in zip(views[1:], estimates[1:]):
        eps, v = undo(*estimate(view(x_t), t))
        noise += eps
        variance += v
    return noise / len(views), variance / len(views)
