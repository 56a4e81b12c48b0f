"""No network: for each class, a Gaussian with the mean and the covariance of its pictures."""

import torch


def train(images, labels, seconds):
    """Keep each class's mean, and how its pictures differ from it."""
    means = torch.stack([images[labels == c].mean(0) for c in range(10)])
    off = [(images[labels == c] - means[c]).flatten(1) for c in range(10)]

    def draw(x, t, label):
        samples = []
        for one, c in zip(x.flatten(1), label.tolist()):
            weights = one[: len(off[c])] / len(off[c]) ** 0.5
            samples.append(means[c] + (weights @ off[c]).view_as(x[0]))
        return torch.stack(samples)

    return draw


def sample(net, noise, label):
    """One call."""
    return net(noise, torch.zeros(len(noise)), label)
