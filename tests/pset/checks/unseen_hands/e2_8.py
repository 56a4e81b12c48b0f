"""Answers to 2.8, one noise from many factors."""

import torch

from tests.pset.checks.unseen_hands import right, wrong


@right("2.8")
def stacked_parts(x_t, t, estimates, split):
    noises, variances = zip(*[estimate(x_t, t) for estimate in estimates])
    parts = torch.stack([split(noise)[i] for i, noise in enumerate(noises)])
    return parts.sum(dim=0), torch.stack(variances).mean(dim=0)


@right("2.8")
def running_totals(x_t, t, estimates, split):
    total = torch.zeros_like(x_t)
    variance_total = torch.zeros_like(x_t)
    i = 0
    while i < len(estimates):
        eps, v = estimates[i](x_t, t)
        total += split(eps)[i]
        variance_total += v
        i += 1
    return total, variance_total / i


@wrong("2.8", "Shows each estimate its part of x_t instead of the whole of it.")
def parts_of_the_image(x_t, t, estimates, split):
    noise, variance = 0, 0
    for part, estimate in zip(split(x_t), estimates):
        eps, v = estimate(part, t)
        noise = noise + eps
        variance = variance + v / len(estimates)
    return noise, variance


@wrong("2.8", "Counts on two estimates and forgets the others.")
def two_only(x_t, t, estimates, split):
    first, first_variance = estimates[0](x_t, t)
    second, second_variance = estimates[1](x_t, t)
    return split(first)[0] + split(second)[1], (first_variance + second_variance) / 2


@wrong("2.8", "Adds the variances up instead of taking their mean.")
def variances_added(x_t, t, estimates, split):
    outputs = [estimate(x_t, t) for estimate in estimates]
    noise = sum(split(eps)[i] for i, (eps, _) in enumerate(outputs))
    return noise, sum(v for _, v in outputs)


@wrong("2.8", "Takes the variance channels apart, too.")
def variance_in_parts(x_t, t, estimates, split):
    noise, variance = torch.zeros_like(x_t), torch.zeros_like(x_t)
    for i, estimate in enumerate(estimates):
        eps, v = estimate(x_t, t)
        noise = noise + split(eps)[i]
        variance = variance + split(v)[i]
    return noise, variance


@wrong("2.8", "Takes the mean of the parts instead of their sum.")
def parts_averaged(x_t, t, estimates, split):
    outputs = [estimate(x_t, t) for estimate in estimates]
    noise = torch.stack([split(eps)[i] for i, (eps, _) in enumerate(outputs)]).mean(0)
    return noise, torch.stack([v for _, v in outputs]).mean(0)


@wrong("2.8", "Adds the variances up in the first estimate's own tensor.")
def writes_into_variance(x_t, t, estimates, split):
    noise, variance = estimates[0](x_t, t)
    noise = split(noise)[0]
    for i in range(1, len(estimates)):
        eps, v = estimates[i](x_t, t)
        noise = noise + split(eps)[i]
        variance += v
    variance /= len(estimates)
    return noise, variance


@wrong("2.8", "Takes the first part of every estimate.")
def always_first_part(x_t, t, estimates, split):
    noises, variances = [], []
    for estimate in estimates:
        eps, v = estimate(x_t, t)
        noises.append(split(eps)[0])
        variances.append(v)
    return sum(noises), sum(variances) / len(variances)


@wrong("2.8", "Returns the first estimate's variance.")
def first_variance(x_t, t, estimates, split):
    outputs = [estimate(x_t, t) for estimate in estimates]
    noise = sum(split(outputs[i][0])[i] for i in range(len(estimates)))
    return noise, outputs[0][1]
