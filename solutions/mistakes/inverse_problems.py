"""What goes wrong in 2.5 to 2.7."""

from itertools import pairwise

import torch
from torch.nn import functional

import pset
from pset.sampling import STRIDED_TIMESTEPS, iterative_denoise, step_variance
from solutions.mistakes import mistake

TOP = len(STRIDED_TIMESTEPS) - 1


def forward(image, t, alphas_cumprod, noise):
    return alphas_cumprod[t].sqrt() * image + (1 - alphas_cumprod[t]).sqrt() * noise


# --- 2.5 -----------------------------------------------------------------------------------------


def by_weights(weights):
    """`renoise` with other weights: (ᾱ_t, ᾱ_s) → that of x_t and that of the noise."""

    def renoise(x_t, t, t_next, alphas_cumprod, noise):
        of_image, of_noise = weights(alphas_cumprod[t], alphas_cumprod[t_next])
        return of_image * x_t + of_noise * noise

    return renoise


mistake("2.5", "from_the_clean_image")(by_weights(lambda a, b: (b.sqrt(), (1 - b).sqrt())))
mistake("2.5", "no_square_root")(by_weights(lambda a, b: (b / a, 1 - b / a)))
mistake("2.5", "no_noise")(by_weights(lambda a, b: ((b / a).sqrt(), 0)))
mistake("2.5", "image_not_scaled")(by_weights(lambda a, b: (1, (1 - b / a).sqrt())))
mistake("2.5", "missing_variance_only")(by_weights(lambda a, b: ((b / a).sqrt(), (a - b).sqrt())))
mistake("2.5", "weights_swapped")(by_weights(lambda a, b: ((1 - b / a).sqrt(), (b / a).sqrt())))


@mistake("2.5", "one_step_only")
def renoise_by_one_step(x_t, t, t_next, alphas_cumprod, noise):
    alpha = alphas_cumprod[t_next] / alphas_cumprod[t_next - 1]
    return alpha.sqrt() * x_t + (1 - alpha).sqrt() * noise


@mistake("2.5", "other_noise")
def renoise_by_own_noise(x_t, t, t_next, alphas_cumprod, noise):
    kept = alphas_cumprod[t_next] / alphas_cumprod[t]
    return kept.sqrt() * x_t + (1 - kept).sqrt() * torch.randn_like(x_t)


# --- 2.5b ----------------------------------------------------------------------------------------


def right_walk(jump_length, jump_n):
    """The places of RePaint's walk, counted from the clean end."""
    left = dict.fromkeys(range(0, TOP + 1 - jump_length, jump_length), jump_n - 1)
    place, places = TOP, [TOP]
    while place > 0:
        place -= 1
        places.append(place)
        if left.get(place, 0) > 0:
            left[place] -= 1
            place += jump_length
            places.append(place)
    return places


def walk_by_index(jump_length, jump_n):
    """The walk with places counted from the noisy end."""
    left = dict.fromkeys(range(jump_length, TOP + 1, jump_length), jump_n - 1)
    index, indices = 0, [0]
    while index < TOP:
        index += 1
        indices.append(index)
        if left.get(index, 0) > 0:
            left[index] -= 1
            index -= jump_length
            indices.append(index)
    return [TOP - index for index in indices]


def unfinished(jump_length, jump_n):
    """The walk up to the end of its last jump."""
    places = right_walk(jump_length, jump_n)
    return places[: len(places) - jump_length]


def at_arrival(original, t, alphas_cumprod, noise):
    return original if t == 0 else forward(original, t, alphas_cumprod, noise)


def filling(places=right_walk, known=at_arrival, new_where=lambda mask: mask):
    """`repaint` with another walk, or something else for the known pixels.

    Args:
        places: (jump_length, jump_n) → the walk, counted from the clean end.
        known: (original, t', alphas_cumprod, noise) → what is pasted at t'.
        new_where: mask → where the loop's own pixels stay.
    """

    def repaint(original, mask, estimate, alphas_cumprod, noise, jump_length, jump_n):
        new = new_where(mask)

        def paste(x, t):
            pasted = known(original, t, alphas_cumprod, noise)
            return x if pasted is None else new * x + (1 - new) * pasted

        timesteps = [STRIDED_TIMESTEPS[TOP - place] for place in places(jump_length, jump_n)]
        return iterative_denoise(noise, 0, estimate, alphas_cumprod, timesteps, after_step=paste)

    return repaint


mistake("2.5b", "no_jumps")(filling(lambda length, n: right_walk(length, 1)))
mistake("2.5b", "one_jump_too_many")(filling(lambda length, n: right_walk(length, n + 1)))
mistake("2.5b", "jumps_from_other_places")(filling(walk_by_index))
mistake("2.5b", "last_jump_unfinished")(filling(unfinished))
mistake("2.5b", "mask_inverted")(filling(new_where=lambda mask: 1 - mask))
mistake("2.5b", "clean_pasted")(filling(known=lambda original, t, a, noise: original))
mistake("2.5b", "not_exact_at_the_end")(filling(known=forward))
mistake("2.5b", "pasted_only_at_the_end")(
    filling(known=lambda original, t, a, noise: original if t == 0 else None)
)
mistake("2.5b", "image_not_scaled")(
    filling(
        known=lambda original, t, a, noise: (
            original if t == 0 else original + (1 - a[t]).sqrt() * noise
        )
    )
)
mistake("2.5b", "noise_without_root")(
    filling(
        known=lambda original, t, a, noise: (
            original if t == 0 else a[t].sqrt() * original + (1 - a[t]) * noise
        )
    )
)


@mistake("2.5b", "as_printed")
def repaint_as_printed(original, mask, estimate, alphas_cumprod, noise, jump_length, jump_n):
    timesteps = [STRIDED_TIMESTEPS[TOP - place] for place in right_walk(jump_length, jump_n)]
    left = iter(timesteps)  # the timestep that a step leaves is one behind in the list

    def paste(x, t):
        known = forward(original, next(left), alphas_cumprod, noise)
        return mask * x + (1 - mask) * known

    return iterative_denoise(noise, 0, estimate, alphas_cumprod, timesteps, after_step=paste)


@mistake("2.5b", "climbs_without_noise")
def repaint_by_another_label(original, mask, estimate, alphas_cumprod, noise, jump_length, jump_n):
    x = noise
    timesteps = [STRIDED_TIMESTEPS[TOP - place] for place in right_walk(jump_length, jump_n)]
    for k, (t, t_next) in enumerate(pairwise(timesteps)):
        if t_next < t:
            epsilon, v = estimate(x, t)
            a, b = alphas_cumprod[t], alphas_cumprod[t_next]
            x_0 = (x - (1 - a).sqrt() * epsilon) / a.sqrt()
            beta = 1 - a / b
            x = b.sqrt() * beta / (1 - a) * x_0 + (a / b).sqrt() * (1 - b) / (1 - a) * x
            if k < len(timesteps) - 2:
                x = x + step_variance(v, a, b).sqrt() * pset.noise(x.shape, k)
        x = mask * x + (1 - mask) * at_arrival(original, t_next, alphas_cumprod, noise)
    return x


# --- 2.6 -----------------------------------------------------------------------------------------


def replacing(parts, noised=forward):
    """`ilvr_step` with other parts, or another noisy reference.

    Args:
        parts: (x, y_t, φ) → the result.
        noised: (reference, t, alphas_cumprod, noise) → y_t.
    """

    def ilvr_step(x, t, reference, phi, alphas_cumprod, noise):
        return parts(x, noised(reference, t, alphas_cumprod, noise), phi)

    return ilvr_step


def coarse_replaced(x, y, phi):
    return x - phi(x) + phi(y)


mistake("2.6", "reference_clean")(
    replacing(coarse_replaced, lambda reference, t, a, noise: reference)
)
mistake("2.6", "noise_of_the_step_before")(
    replacing(coarse_replaced, lambda reference, t, a, noise: forward(reference, t + 30, a, noise))
)
mistake("2.6", "no_square_root")(
    replacing(coarse_replaced, lambda y, t, a, noise: a[t] * y + (1 - a[t]) * noise)
)
mistake("2.6", "other_noise")(
    replacing(coarse_replaced, lambda y, t, a, noise: forward(y, t, a, torch.randn_like(y)))
)
mistake("2.6", "reference_not_filtered")(replacing(lambda x, y, phi: x - phi(x) + y))
mistake("2.6", "coarse_not_removed")(replacing(lambda x, y, phi: x + phi(y)))
mistake("2.6", "coarse_added")(replacing(lambda x, y, phi: x + phi(x) + phi(y)))
mistake("2.6", "fine_from_the_reference")(replacing(lambda x, y, phi: phi(x) + y - phi(y)))
mistake("2.6", "signs_exchanged")(replacing(lambda x, y, phi: x + phi(x) - phi(y)))
mistake("2.6", "unchanged")(replacing(lambda x, y, phi: x))


@mistake("2.6", "noise_not_filtered")
def ilvr_as_on_the_slide(x, t, reference, phi, alphas_cumprod, noise):
    return x - phi(x) + forward(phi(reference), t, alphas_cumprod, noise)


# --- 2.7 -----------------------------------------------------------------------------------------


def uncertainty(alpha_bar, s):
    return ((1 - alpha_bar) * s**2 / (1 - alpha_bar + alpha_bar * s**2)).sqrt()


def to_image(u, like):
    """A measurement made into an image without the transpose: enlarged, in all channels."""
    return functional.interpolate(u, like.shape[-2:], mode="nearest").expand_as(like)


def guiding(
    r=uncertainty,
    residual=lambda measurement, y, x_0, x_t: y - measurement(x_0),
    noise_of_y=lambda sigma: sigma,
    result=lambda noise, root, g: noise - root * g,
    constant=False,
    transposed=True,
    weigh=True,
):
    """`measured` with another uncertainty, residual, gradient or result."""

    def measured(x_t, t, estimate, alphas_cumprod, measurement, y, sigma, s):
        alpha_bar = alphas_cumprod[t]
        with torch.enable_grad():
            x_t = x_t.detach().requires_grad_()
            noise, variance = estimate(x_t, t)
            if constant:
                noise = noise.detach()
            x_0 = (x_t - (1 - alpha_bar).sqrt() * noise) / alpha_bar.sqrt()
            rest = residual(measurement, y, x_0, x_t)
            if weigh:
                u = measurement.solve(rest, r(alpha_bar, s), noise_of_y(sigma))
            else:
                u = rest / rest.norm()
            u = u.detach()
            target = (measurement(x_0) * u) if transposed else (x_0 * to_image(u, x_0))
            (g,) = torch.autograd.grad(target.sum(), x_t)
        return result(noise, (1 - alpha_bar).sqrt(), g).detach(), variance.detach()

    return measured


mistake("2.7", "not_through_the_denoiser")(guiding(constant=True))
mistake("2.7", "without_transpose")(guiding(transposed=False))
mistake("2.7", "measures_x_t")(
    guiding(residual=lambda measurement, y, x_0, x_t: y - measurement(x_t))
)
mistake("2.7", "wrong_sign")(guiding(result=lambda noise, root, g: noise + root * g))
mistake("2.7", "score_for_noise")(guiding(result=lambda noise, root, g: noise + g))
mistake("2.7", "certain_estimate")(guiding(r=lambda alpha_bar, s: 0 * alpha_bar))
mistake("2.7", "noise_free")(guiding(noise_of_y=lambda sigma: 0))
mistake("2.7", "r_not_squared")(guiding(r=lambda alpha_bar, s: uncertainty(alpha_bar, s) ** 2))
mistake("2.7", "variance_of_any_image")(guiding(r=lambda alpha_bar, s: (1 - alpha_bar).sqrt()))
mistake("2.7", "guidance_only")(guiding(result=lambda noise, root, g: -root * g))
mistake("2.7", "not_guided")(guiding(result=lambda noise, root, g: noise))
mistake("2.7", "dps")(guiding(weigh=False))
