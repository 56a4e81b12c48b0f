"""What goes wrong in 2.23 to 2.24c."""

from copy import deepcopy
from itertools import pairwise

import torch

from pset.sampling import iterative_denoise
from solutions.mistakes import mistake

# --- 2.23 ----------------------------------------------------------------------------------------


def walking(
    asked_at=lambda t, t_next: t,
    clean_at=lambda t, t_next: t,
    noise_at=lambda t, t_next: t_next,
    clean=lambda x_0: x_0,
    noise_back=lambda noise: noise,
    order=lambda timesteps: timesteps,
    root=lambda alpha_bar: alpha_bar.sqrt(),
    root_back=None,
):
    """`ddim` with one thing different.

    Args:
        asked_at, clean_at, noise_at: (t, t') → the timestep at which the network is asked, whose ᾱ
            gives x̂_0, and whose weight the noise gets.
        clean: x̂_0 → the one to use.
        noise_back: ε → the noise that's put back.
        order: the timesteps → those of the walk.
        root: what's in place of the square root.
        root_back: the same, where only the second equation has it.
    """
    root_back = root_back or root

    def ddim(x, estimate, alphas_cumprod, timesteps):
        a = alphas_cumprod
        for t, t_next in pairwise(order(timesteps)):
            noise, _ = estimate(x, asked_at(t, t_next))
            before, after = a[clean_at(t, t_next)], a[noise_at(t, t_next)]
            x_0 = clean((x - root(1 - before) * noise) / root(before))
            x = root_back(a[t_next]) * x_0 + root_back(1 - after) * noise_back(noise)
        return x

    return ddim


mistake("2.23", "asked_at_the_target")(walking(asked_at=lambda t, t_next: t_next))
mistake("2.23", "clean_image_of_the_target")(walking(clean_at=lambda t, t_next: t_next))
mistake("2.23", "noise_of_the_start")(walking(noise_at=lambda t, t_next: t))
mistake("2.23", "noise_of_t_left_out")(walking(noise_back=torch.zeros_like))
mistake("2.23", "new_noise")(walking(noise_back=torch.randn_like))
mistake("2.23", "only_down")(walking(order=lambda timesteps: sorted(timesteps, reverse=True)))
mistake("2.23", "last_step_missing")(walking(order=lambda timesteps: timesteps[:-1]))
mistake("2.23", "clipped")(walking(clean=lambda x_0: x_0.clamp(-1, 1)))
mistake("2.23", "no_square_root")(walking(root=lambda alpha_bar: alpha_bar))
mistake("2.23", "no_square_root_back")(walking(root_back=lambda alpha_bar: alpha_bar))


@mistake("2.23", "noise_added")
def walk_of_the_course(x, estimate, alphas_cumprod, timesteps):
    return iterative_denoise(x, 0, estimate, alphas_cumprod, timesteps)


@mistake("2.23", "asked_only_once")
def walk_on_one_estimate(x, estimate, alphas_cumprod, timesteps):
    noise = estimate(x, timesteps[0])
    return walking()(x, lambda x, t: noise, alphas_cumprod, timesteps)


# --- 2.23b ---------------------------------------------------------------------------------------


def editing(
    up=lambda source, target, scale: (source, 1),
    down=lambda source, target, scale: (target, scale),
    back=lambda timesteps: timesteps[::-1],
):
    """`edit_photo` with other prompts or scales, or another way back.

    Args:
        up, down: (source, target, scale) → prompt and scale of that way; None leaves it out.
        back: the timesteps → those of the way down.
    """

    def edit_photo(image, source, target, scale, prompted, walk, timesteps):
        x = image
        for way, steps in ((up, timesteps), (down, back(timesteps))):
            if way is not None:
                x = walk(x, prompted(*way(source, target, scale)), steps)
        return x

    return edit_photo


mistake("2.23b", "guidance_while_inverting")(
    editing(up=lambda source, target, scale: (source, scale))
)
mistake("2.23b", "target_while_inverting")(editing(up=lambda source, target, scale: (target, 1)))
mistake("2.23b", "source_while_sampling")(
    editing(down=lambda source, target, scale: (source, scale))
)
mistake("2.23b", "prompts_swapped")(
    editing(
        up=lambda source, target, scale: (target, 1),
        down=lambda source, target, scale: (source, scale),
    )
)
mistake("2.23b", "scales_swapped")(
    editing(
        up=lambda source, target, scale: (source, scale),
        down=lambda source, target, scale: (target, 1),
    )
)
mistake("2.23b", "no_guidance")(editing(down=lambda source, target, scale: (target, 1)))
mistake("2.23b", "null_prompt_while_inverting")(editing(up=lambda source, target, scale: ("", 1)))
mistake("2.23b", "up_twice")(editing(back=lambda timesteps: timesteps))
mistake("2.23b", "not_inverted")(editing(up=None))
mistake("2.23b", "up_only")(editing(down=None))

# --- 2.24 and 2.24b ------------------------------------------------------------------------------


def fitting(
    returned,
    trained=lambda network, embeds: [embeds],
    start=lambda embeds: embeds.detach().clone(),
    draw=lambda k: k,
    make=lambda parameters, lr: torch.optim.Adam(parameters, lr),
    sign=1,
    clear=lambda optimiser: optimiser.zero_grad(),
    after=lambda loss, network, embeds, k: None,
    count=lambda steps: steps,
    anew=False,
):
    """Both stages, with one thing different.

    Args:
        returned: (embeds, losses) → what the function returns.
        trained: (network, embeds) → what the optimiser changes.
        start: the embedding that's given → the one to begin with.
        draw: k → the draw of step k.
        make: (parameters, lr) → the optimiser.
        sign: −1 goes up.
        clear: what's done with the gradients before `backward`.
        after: (loss, network, embeds, k) → a loss for the list in place of the step's own, or None.
        count: steps → the number of them.
        anew: every step has an optimiser of its own.
    """

    def fit(loss, network, embeds, lr, steps):
        with torch.enable_grad():
            embeds = start(embeds).requires_grad_()
            parameters = trained(network, embeds)
            for parameter in parameters:
                parameter.requires_grad_()
            optimiser = make(parameters, lr)
            losses = []
            for k in range(count(steps)):
                optimiser = make(parameters, lr) if anew else optimiser
                value = loss(network, embeds, draw(k))
                clear(optimiser)
                (sign * value).backward()
                optimiser.step()
                other = after(loss, network, embeds, draw(k))
                losses.append((value if other is None else other).detach())
        return returned(embeds.detach(), torch.stack(losses))

    return fit


def first(embeds, losses):
    return embeds


def second(embeds, losses):
    return losses


def weights(network, embeds):
    return list(network.parameters())


def descent(parameters, lr):
    return torch.optim.SGD(parameters, lr)


mistake("2.24", "network_trained_too")(
    fitting(first, trained=lambda network, embeds: [embeds, *network.parameters()])
)
mistake("2.24", "gradients_add_up")(fitting(first, clear=lambda optimiser: None))
mistake("2.24", "same_draw_every_time")(fitting(first, draw=lambda k: 0))
mistake("2.24", "counted_from_one")(fitting(first, draw=lambda k: k + 1))
mistake("2.24", "plain_gradient_descent")(fitting(first, make=descent))
mistake("2.24", "uphill")(fitting(first, sign=-1))
mistake("2.24", "started_from_zero")(fitting(first, start=torch.zeros_like))
mistake("2.24", "one_step_short")(fitting(first, count=lambda steps: steps - 1))
mistake("2.24", "new_adam_every_step")(fitting(first, anew=True))


@mistake("2.24", "not_optimised")
def returns_the_target(loss, network, embeds, lr, steps):
    return embeds


mistake("2.24b", "embedding_trained_too")(
    fitting(second, trained=lambda network, embeds: [embeds, *network.parameters()])
)
mistake("2.24b", "gradients_add_up")(fitting(second, weights, clear=lambda optimiser: None))
mistake("2.24b", "same_draw_every_time")(fitting(second, weights, draw=lambda k: 0))
mistake("2.24b", "losses_afterwards")(
    fitting(second, weights, after=lambda loss, network, embeds, k: loss(network, embeds, k))
)
mistake("2.24b", "plain_gradient_descent")(fitting(second, weights, make=descent))
mistake("2.24b", "uphill")(fitting(second, weights, sign=-1))
mistake("2.24b", "biases_only")(
    fitting(second, lambda network, embeds: [p for p in network.parameters() if p.ndim == 1])
)
mistake("2.24b", "last_layer_only")(
    fitting(second, lambda network, embeds: list(list(network.children())[-1].parameters()))
)
mistake("2.24b", "new_adam_every_step")(fitting(second, weights, anew=True))


@mistake("2.24b", "copy_trained")
def trains_a_copy(loss, network, embeds, lr, steps):
    return fitting(second, weights)(loss, deepcopy(network), embeds, lr, steps)


@mistake("2.24b", "nothing_tuned")
def never_steps(loss, network, embeds, lr, steps):
    return torch.stack([loss(network, embeds, k) for k in range(steps)])


# --- 2.24c ---------------------------------------------------------------------------------------


def column(alphas):
    return torch.tensor(alphas)[:, None, None]


@mistake("2.24c", "ends_swapped")
def mixes_the_wrong_way(e_opt, e_target, alphas):
    return torch.lerp(e_target, e_opt, column(alphas))


@mistake("2.24c", "added")
def adds_the_target(e_opt, e_target, alphas):
    return e_opt + column(alphas) * e_target


@mistake("2.24c", "clamped")
def mixes_within(e_opt, e_target, alphas):
    return torch.lerp(e_opt, e_target, column(alphas).clamp(0, 1))


@mistake("2.24c", "renormalised")
def mixes_on_a_sphere(e_opt, e_target, alphas):
    mixed = torch.lerp(e_opt, e_target, column(alphas))
    return mixed / mixed.norm(dim=-1, keepdim=True) * e_target.norm(dim=-1, keepdim=True)


@mistake("2.24c", "first_only")
def mixes_once(e_opt, e_target, alphas):
    return torch.lerp(e_opt, e_target, alphas[0]).expand(len(alphas), -1, -1)
