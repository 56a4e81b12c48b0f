"""Answers to 2.4, a video frame by frame."""

import torch

import pset
from pset import STRIDED_TIMESTEPS, iterative_denoise
from tests.pset.checks.unseen_hands import right, wrong


@right("2.4")
def each_frame_alone(frames, i_start, estimate, alphas_cumprod, noise, seed):
    a = alphas_cumprod[STRIDED_TIMESTEPS[i_start]]
    noisy = a.sqrt() * frames + (1 - a).sqrt() * noise
    seeds = [seed for _ in frames]
    return iterative_denoise(noisy, i_start, estimate, alphas_cumprod, seed=seeds)


@right("2.4")
def noise_expanded(frames, i_start, estimate, alphas_cumprod, noise, seed):
    t = STRIDED_TIMESTEPS[i_start]
    start = torch.empty_like(frames)
    for k, (frame, eps) in enumerate(zip(frames, noise.expand_as(frames))):
        start[k] = alphas_cumprod[t] ** 0.5 * frame + (1 - alphas_cumprod[t]) ** 0.5 * eps
    return iterative_denoise(
        start, i_start=i_start, estimate=estimate, alphas_cumprod=alphas_cumprod,
        seed=[seed] * frames.shape[0],
    )  # fmt: skip


@wrong("2.4", "One seed for the batch: every frame gets its own noise in the steps.")
def seed_for_batch(frames, i_start, estimate, alphas_cumprod, noise, seed):
    a = alphas_cumprod[STRIDED_TIMESTEPS[i_start]]
    noisy = a.sqrt() * frames + (1 - a).sqrt() * noise
    return iterative_denoise(noisy, i_start, estimate, alphas_cumprod, seed=seed)


@wrong("2.4", "Draws its own starting noise, another for each frame.")
def draws_for_each(frames, i_start, estimate, alphas_cumprod, noise, seed):
    a = alphas_cumprod[STRIDED_TIMESTEPS[i_start]]
    eps = pset.noise(frames.shape, seed, frames.device)
    noisy = a.sqrt() * frames + (1 - a).sqrt() * eps
    return iterative_denoise(noisy, i_start, estimate, alphas_cumprod, seed=[seed] * len(frames))


@wrong("2.4", "Takes the first noise for all frames, even when each frame has its own.")
def only_first_noise(frames, i_start, estimate, alphas_cumprod, noise, seed):
    a = alphas_cumprod[STRIDED_TIMESTEPS[i_start]]
    noisy = a.sqrt() * frames + (1 - a).sqrt() * noise[0]
    return iterative_denoise(noisy, i_start, estimate, alphas_cumprod, seed=[seed] * len(frames))


@wrong("2.4", "Adds no noise at the start.")
def clean_frames(frames, i_start, estimate, alphas_cumprod, noise, seed):
    return iterative_denoise(frames, i_start, estimate, alphas_cumprod, seed=[seed] * len(frames))


@wrong("2.4", "Uses i_start as a timestep.")
def schedule_at_index(frames, i_start, estimate, alphas_cumprod, noise, seed):
    signal, grain = alphas_cumprod[i_start].sqrt(), (1 - alphas_cumprod[i_start]).sqrt()
    noisy = signal * frames + grain * noise
    return iterative_denoise(noisy, i_start, estimate, alphas_cumprod, seed=[seed] * len(frames))


@wrong("2.4", "Counts the seed up from frame to frame.")
def seed_counts_up(frames, i_start, estimate, alphas_cumprod, noise, seed):
    a = alphas_cumprod[STRIDED_TIMESTEPS[i_start]]
    noisy = a.sqrt() * frames + (1 - a).sqrt() * noise
    seeds = list(range(seed, seed + len(frames)))
    return iterative_denoise(noisy, i_start, estimate, alphas_cumprod, seed=seeds)


@wrong("2.4", "Lets the loop start at index 0, whatever i_start is.")
def loop_from_the_top(frames, i_start, estimate, alphas_cumprod, noise, seed):
    a = alphas_cumprod[STRIDED_TIMESTEPS[i_start]]
    noisy = a.sqrt() * frames + (1 - a).sqrt() * noise
    return iterative_denoise(noisy, 0, estimate, alphas_cumprod, seed=[seed] * len(frames))


@wrong("2.4", "Adds the whole noise to each frame in turn: F noises make F × F frames.")
def noise_times_frames(frames, i_start, estimate, alphas_cumprod, noise, seed):
    a = alphas_cumprod[STRIDED_TIMESTEPS[i_start]]
    edited = []
    for k in range(len(frames)):
        noisy = a.sqrt() * frames[k : k + 1] + (1 - a).sqrt() * noise
        seeds = [seed] * len(noisy)
        edited.append(iterative_denoise(noisy, i_start, estimate, alphas_cumprod, seed=seeds))
    return torch.cat(edited)


@wrong("2.4", "Forgets the seed: the steps add the noise of the default seed.")
def seed_forgotten(frames, i_start, estimate, alphas_cumprod, noise, seed):
    a = alphas_cumprod[STRIDED_TIMESTEPS[i_start]]
    noise = noise.expand_as(frames)
    out = []
    for frame, eps in zip(frames.split(1), noise.split(1)):
        out.append(
            iterative_denoise(
                a.sqrt() * frame + (1 - a).sqrt() * eps, i_start, estimate, alphas_cumprod
            )
        )
    return torch.cat(out)
