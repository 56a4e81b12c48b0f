"""Answers to 2.14, AND and NOT."""

import torch

from tests.pset.checks.unseen_hands import right, wrong


@right("2.14")
def as_a_sum_of_weights(x_t, t, estimate_null, estimates, weights):
    null = estimate_null(x_t, t)[0]
    outputs = [estimate(x_t, t) for estimate in estimates]
    noise = (1 - sum(weights)) * null
    for w, (eps, _) in zip(weights, outputs):
        noise = noise + w * eps
    asked_for = [variance for w, (_, variance) in zip(weights, outputs) if w > 0]
    return noise, sum(asked_for) / len(asked_for)


@right("2.14")
def with_tensors(x_t, t, estimate_null, estimates, weights):
    null, _ = estimate_null(x_t, t)
    noises, variances = map(torch.stack, zip(*[e(x_t, t) for e in estimates]))
    w = torch.tensor(weights, dtype=x_t.dtype, device=x_t.device)
    noise = null + torch.tensordot(w, noises - null, dims=1)
    return noise, variances[w > 0].mean(dim=0)


@wrong("2.14", "Leaves the null prompt out: a weighted sum of the estimates.")
def without_null(x_t, t, estimate_null, estimates, weights):
    noise, variances = 0, []
    for estimate, w in zip(estimates, weights):
        eps, v = estimate(x_t, t)
        noise = noise + w * eps
        if w > 0:
            variances.append(v)
    return noise, sum(variances) / len(variances)


@wrong("2.14", "Adds up the directions and forgets to start from the null prompt's estimate.")
def directions_only(x_t, t, estimate_null, estimates, weights):
    null, _ = estimate_null(x_t, t)
    noise, variances = torch.zeros_like(x_t), []
    for estimate, w in zip(estimates, weights):
        eps, v = estimate(x_t, t)
        noise = noise + w * (eps - null)
        if w > 0:
            variances.append(v)
    return noise, torch.stack(variances).mean(dim=0)


@wrong("2.14", "Starts from the null prompt's estimate once for each concept.")
def null_for_each(x_t, t, estimate_null, estimates, weights):
    null = estimate_null(x_t, t)[0]
    outputs = [e(x_t, t) for e in estimates]
    noise = sum(null + w * (eps - null) for w, (eps, _) in zip(weights, outputs))
    variances = [v for w, (_, v) in zip(weights, outputs) if w > 0]
    return noise, torch.stack(variances).mean(dim=0)


@wrong("2.14", "Divides the weights by their sum.")
def weights_normalised(x_t, t, estimate_null, estimates, weights):
    null = estimate_null(x_t, t)[0]
    total = sum(abs(w) for w in weights)
    noise, variances = null, []
    for estimate, w in zip(estimates, weights):
        eps, v = estimate(x_t, t)
        noise = noise + w / total * (eps - null)
        if w > 0:
            variances.append(v)
    return noise, torch.stack(variances).mean(dim=0)


@wrong("2.14", "Takes the mean of the variance over all concepts, those with NOT included.")
def all_variances(x_t, t, estimate_null, estimates, weights):
    null = estimate_null(x_t, t)[0]
    noises, variances = zip(*(e(x_t, t) for e in estimates))
    noise = null + sum(w * (eps - null) for w, eps in zip(weights, noises))
    return noise, torch.stack(variances).mean(dim=0)


@wrong("2.14", "Returns the null prompt's variance.")
def nulls_variance(x_t, t, estimate_null, estimates, weights):
    null, variance = estimate_null(x_t, t)
    noise = null
    for k in range(len(estimates)):
        noise = noise + weights[k] * (estimates[k](x_t, t)[0] - null)
    return noise, variance


@wrong("2.14", "Guides one concept after the other, each from where the one before has led.")
def one_after_the_other(x_t, t, estimate_null, estimates, weights):
    noise = estimate_null(x_t, t)[0]
    variances = []
    for estimate, w in zip(estimates, weights):
        eps, v = estimate(x_t, t)
        noise = noise + w * (eps - noise)
        if w > 0:
            variances.append(v)
    return noise, torch.stack(variances).mean(dim=0)


@wrong("2.14", "Subtracts the whole estimate of a NOT instead of its direction.")
def subtracts_whole_not(x_t, t, estimate_null, estimates, weights):
    null = estimate_null(x_t, t)[0]
    noise, variances = null, []
    for estimate, w in zip(estimates, weights):
        eps, v = estimate(x_t, t)
        if w > 0:
            noise = noise + w * (eps - null)
            variances.append(v)
        else:
            noise = noise + w * eps
    return noise, torch.stack(variances).mean(dim=0)


@wrong("2.14", "Counts concepts with weight 0 among those that are asked for, in the variance.")
def zero_is_asked_for(x_t, t, estimate_null, estimates, weights):
    null = estimate_null(x_t, t)[0]
    noise, variances = null.clone(), []
    for estimate, w in zip(estimates, weights):
        eps, v = estimate(x_t, t)
        noise += w * (eps - null)
        if w >= 0:
            variances.append(v)
    return noise, torch.stack(variances).mean(dim=0)


@wrong("2.14", "Divides the sum of the directions by the number of concepts.")
def directions_averaged(x_t, t, estimate_null, estimates, weights):
    null = estimate_null(x_t, t)[0]
    outputs = [e(x_t, t) for e in estimates]
    steps = torch.stack([w * (eps - null) for w, (eps, _) in zip(weights, outputs)])
    variances = torch.stack([v for w, (_, v) in zip(weights, outputs) if w > 0])
    return null + steps.mean(dim=0), variances.mean(dim=0)


@wrong("2.14", "Adds the directions to the null prompt's own tensor.")
def null_overwritten(x_t, t, estimate_null, estimates, weights):
    noise, _ = estimate_null(x_t, t)
    null = noise.clone()
    variances = []
    for estimate, w in zip(estimates, weights):
        eps, v = estimate(x_t, t)
        noise += w * (eps - null)
        if w > 0:
            variances.append(v)
    return noise, torch.stack(variances).mean(dim=0)
