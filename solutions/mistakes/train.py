"""Deliberately wrong answers to 2.19 to 2.22."""

import itertools

import torch
from torch import nn
from torch.nn import functional

from pset.closed_form import cosine_alphas_cumprod
from solutions.mistakes import mistake

ALPHAS_CUMPROD = cosine_alphas_cumprod()

# --- 2.19 ----------------------------------------------------------------------------------------


class Net(nn.Module):
    """A plain U-Net in which something can be left out."""

    def __init__(self, channels, width, classes, **wrong):
        super().__init__()
        self.wrong, self.classes = wrong, classes
        self.enter = nn.Conv2d(channels, width, 3, padding=1)
        self.down = nn.Conv2d(width, 2 * width, 3, padding=1, stride=2)
        self.bottom = nn.Conv2d(2 * width, 4 * width, 3, padding=1, stride=2)
        self.rise = nn.ConvTranspose2d(4 * width, 2 * width, 2, stride=2)
        self.mix = nn.Conv2d(4 * width, 2 * width, 3, padding=1)
        self.rise_again = nn.ConvTranspose2d(2 * width, width, 2, stride=2)
        self.leave = nn.Conv2d(2 * width, channels, 3, padding=1)
        self.time, self.label = nn.Linear(1, 4 * width), nn.Embedding(classes + 1, 4 * width)
        self.extra = nn.Linear(3, 3) if "unused" in wrong else None

    def forward(self, x, t, label):
        wrong = self.wrong
        if "first_time" in wrong:
            t = t[:1].expand_as(t)
        if "no_class" in wrong:
            label = label.clamp(max=self.classes - 1)
        full = functional.silu(self.enter(x))
        half = functional.silu(self.down(full))
        low = self.bottom(half)
        time, which = self.time(t[:, None]), self.label(label)
        low = low + (0 * time if "time" in wrong else time)[:, :, None, None]
        low = low + (0 * which if "label" in wrong else which)[:, :, None, None]
        up = self.rise(functional.silu(low))
        half = torch.zeros_like(half) + 0 * half if "no_skip" in wrong else half
        up = functional.silu(self.mix(torch.cat([up, half], dim=1)))
        up = self.rise_again(up)
        full = 0 * full if wrong.keys() & {"no_skip", "below"} else full
        return self.leave(torch.cat([up, full], dim=1))


def with_(what):
    return lambda channels, width, classes: Net(channels, width, classes, **{what: True})


mistake("2.19", "no_skip")(with_("no_skip"))
mistake("2.19", "skip_from_below")(with_("below"))
mistake("2.19", "time_unused")(with_("time"))
mistake("2.19", "label_unused")(with_("label"))
mistake("2.19", "no_class_is_a_class")(with_("no_class"))
mistake("2.19", "batch_mixed")(with_("first_time"))
mistake("2.19", "parameters_unused")(with_("unused"))

# --- 2.20 ----------------------------------------------------------------------------------------


def column(t):
    return t[:, None, None, None]


def pair(weights=lambda t: (1 - t, t), velocity=lambda x_0, noise, x_t, t: x_0 - noise):
    """`flow_pair` with other weights of noise and image, or another velocity."""

    def flow_pair(x_0, noise, t):
        t = column(t)
        of_noise, of_image = weights(t)
        x_t = of_noise * noise + of_image * x_0
        return x_t, velocity(x_0, noise, x_t, t)

    return flow_pair


mistake("2.20", "time_reversed")(pair(lambda t: (t, 1 - t), lambda x_0, noise, x_t, t: noise - x_0))
mistake("2.20", "image_reversed")(pair(lambda t: (t, 1 - t)))
mistake("2.20", "sign")(pair(velocity=lambda x_0, noise, x_t, t: noise - x_0))
mistake("2.20", "square_roots")(pair(lambda t: ((1 - t) ** 0.5, t**0.5)))
mistake("2.20", "rest_of_the_way")(pair(velocity=lambda x_0, noise, x_t, t: x_0 - x_t))
mistake("2.20", "noise_as_target")(pair(velocity=lambda x_0, noise, x_t, t: noise))
mistake("2.20", "image_as_target")(pair(velocity=lambda x_0, noise, x_t, t: x_0))


@mistake("2.20", "one_time_for_all")
def first_time(x_0, noise, t):
    return pair()(x_0, noise, t[:1].expand_as(t))


# --- 2.20b ---------------------------------------------------------------------------------------


def step(
    forget=True,
    label_of=lambda label, dropped, classes: torch.where(dropped, classes, label),
    loss_of=lambda found, velocity: (found - velocity).square().mean(),
    target=lambda x_0, noise: x_0 - noise,
    shown=lambda x_0, x_t: x_t,
    told=lambda t: t,
    go=True,
):
    """`flow_step` with one thing wrong."""

    def flow_step(net, optimizer, x_0, label, noise, t, dropped, classes):
        x_t = (1 - column(t)) * noise + column(t) * x_0
        if forget:
            optimizer.zero_grad()
        found = net(shown(x_0, x_t), told(t), label_of(label, dropped, classes))
        loss = loss_of(found, target(x_0, noise))
        loss.backward()
        if go:
            optimizer.step()
        return float(loss)

    return flow_step


mistake("2.20b", "gradients_kept")(step(forget=False))
mistake("2.20b", "no_step")(step(go=False))
mistake("2.20b", "label_never_dropped")(step(label_of=lambda label, dropped, classes: label))
mistake("2.20b", "dropped_reversed")(
    step(label_of=lambda label, dropped, classes: torch.where(dropped, label, classes))
)
mistake("2.20b", "dropped_to_class_0")(
    step(label_of=lambda label, dropped, classes: torch.where(dropped, 0, label))
)
mistake("2.20b", "sum_for_mean")(
    step(loss_of=lambda found, velocity: (found - velocity).square().flatten(1).sum(1).mean())
)
mistake("2.20b", "absolute_difference")(
    step(loss_of=lambda found, velocity: (found - velocity).abs().mean())
)
mistake("2.20b", "noise_as_target")(step(target=lambda x_0, noise: noise))
mistake("2.20b", "sign")(step(target=lambda x_0, noise: noise - x_0))
mistake("2.20b", "image_shown")(step(shown=lambda x_0, x_t: x_0))
mistake("2.20b", "time_reversed")(step(told=lambda t: 1 - t))


@mistake("2.20b", "uphill")
def uphill(net, optimizer, *rest):
    """The loss has the wrong sign."""
    return step(loss_of=lambda found, velocity: -(found - velocity).square().mean())(
        net, optimizer, *rest
    )


# --- 2.20c ---------------------------------------------------------------------------------------


def walk(
    times=lambda steps: [k / steps for k in range(steps)],
    guided=lambda u, c, scale: u + scale * (c - u),
    nothing=lambda classes: classes,
    length=lambda steps: 1 / steps,
):
    """`euler` with other times, another guidance, another null label, or other steps."""

    def euler(net, x, label, steps, scale, classes):
        null = torch.full_like(label, nothing(classes))
        for time in times(steps):
            t = torch.full((len(x),), time)
            x = x + length(steps) * guided(net(x, t, null), net(x, t, label), scale)
        return x

    return euler


mistake("2.20c", "last_step_left_out")(walk(times=lambda n: [k / n for k in range(n - 1)]))
mistake("2.20c", "time_reversed")(walk(times=lambda n: [1 - k / n for k in range(n)]))
mistake("2.20c", "time_of_the_end")(walk(times=lambda n: [(k + 1) / n for k in range(n)]))
mistake("2.20c", "time_of_the_middle")(walk(times=lambda n: [(k + 0.5) / n for k in range(n)]))
mistake("2.20c", "time_to_the_end")(walk(times=lambda n: [k / (n - 1) for k in range(n)]))
mistake("2.20c", "no_guidance")(walk(guided=lambda u, c, scale: c))
mistake("2.20c", "guidance_from_the_class")(walk(guided=lambda u, c, scale: c + scale * (c - u)))
mistake("2.20c", "guidance_reversed")(walk(guided=lambda u, c, scale: c + scale * (u - c)))
mistake("2.20c", "class_0_for_none")(walk(nothing=lambda classes: 0))
mistake("2.20c", "backwards")(walk(length=lambda steps: -1 / steps))

# --- 2.21 ----------------------------------------------------------------------------------------


def ddim(
    image_of=lambda x, e, a: (x - (1 - a).sqrt() * e) / a.sqrt(),
    back=lambda x_0, x, e, a, b: b.sqrt() * x_0 + (1 - b).sqrt() * e,
    schedule=None,
):
    """`ddim_step` with another clean image, or another way back to noise."""

    def ddim_step(x_t, t, t_next, noise, alphas_cumprod):
        alphas = alphas_cumprod if schedule is None else schedule
        a, b = alphas[t], alphas[t_next]
        return back(image_of(x_t, noise, a), x_t, noise, a, b)

    return ddim_step


def variance(a, b):
    """Of the noise that DDPM adds in this step."""
    return (1 - b) / (1 - a) * (1 - a / b)


mistake("2.21", "not_divided")(ddim(image_of=lambda x, e, a: x - (1 - a).sqrt() * e))
mistake("2.21", "not_rooted")(ddim(image_of=lambda x, e, a: (x - (1 - a) * e) / a))
mistake("2.21", "alpha_bar_swapped")(
    ddim(image_of=lambda x, e, a: (x - a.sqrt() * e) / (1 - a).sqrt())
)
mistake("2.21", "noise_of_t")(
    ddim(back=lambda x_0, x, e, a, b: b.sqrt() * x_0 + (1 - a).sqrt() * e)
)
mistake("2.21", "image_of_t")(
    ddim(back=lambda x_0, x, e, a, b: a.sqrt() * x_0 + (1 - b).sqrt() * e)
)
mistake("2.21", "room_for_ddpm_noise")(
    ddim(
        back=lambda x_0, x, e, a, b: (
            b.sqrt() * x_0 + (1 - b - 0.5 * variance(a, b).clamp(0, 1 - b)).clamp_min(0).sqrt() * e
        )
    )
)
mistake("2.21", "clean_image")(ddim(back=lambda x_0, x, e, a, b: x_0))
mistake("2.21", "own_schedule")(ddim(schedule=ALPHAS_CUMPROD))

# --- 2.21b ---------------------------------------------------------------------------------------


def invert(pairs=lambda up: list(itertools.pairwise(up)), asked=lambda t, t_next: t, **more):
    """`ddim_invert` with other steps, or with the noise estimated elsewhere."""

    def ddim_invert(image, estimate, alphas_cumprod, timesteps):
        for t, t_next in pairs(timesteps[::-1]):
            noise, _ = estimate(image, asked(t, t_next))
            image = ddim(**more)(image, t, t_next, noise, alphas_cumprod)
        return image

    return ddim_invert


def downward(up):
    return list(zip(up[::-1], up[::-1][1:], strict=False))


mistake("2.21b", "downward")(invert(pairs=downward))
mistake("2.21b", "last_step_left_out")(invert(lambda up: list(itertools.pairwise(up[:-1]))))
mistake("2.21b", "first_step_left_out")(invert(lambda up: list(itertools.pairwise(up[1:]))))
mistake("2.21b", "estimate_at_the_end")(invert(asked=lambda t, t_next: t_next))
mistake("2.21b", "own_schedule")(invert(schedule=ALPHAS_CUMPROD))


@mistake("2.21b", "one_estimate")
def one_estimate(image, estimate, alphas_cumprod, timesteps):
    """The noise is estimated once, at the start."""
    noise, _ = estimate(image, timesteps[-1])
    return ddim()(image, timesteps[-1], timesteps[0], noise, alphas_cumprod)


@mistake("2.21b", "forward_process")
def forward_process(image, estimate, alphas_cumprod, timesteps):
    """The estimate taken for fresh noise."""
    for t in timesteps[::-1][1:]:
        a = alphas_cumprod[t]
        image = a.sqrt() * image + (1 - a).sqrt() * estimate(image, t)[0]
    return image


# --- 2.22 ----------------------------------------------------------------------------------------


def cut(*order):
    """`patchify` with another order of: batch, channel, rows, row, columns, column."""

    def patchify(x, size):
        b, c, h, w = x.shape
        x = x.reshape(b, c, h // size, size, w // size, size)
        return x.permute(*order).reshape(b, -1, c * size * size)

    return patchify


mistake("2.22", "columns_first")(cut(0, 4, 2, 1, 3, 5))
mistake("2.22", "patch_turned")(cut(0, 2, 4, 1, 5, 3))
mistake("2.22", "channels_last")(cut(0, 2, 4, 3, 5, 1))
mistake("2.22", "not_permuted")(cut(0, 1, 2, 3, 4, 5))
mistake("2.22", "strided")(
    lambda x, size: (
        functional.pixel_unshuffle(x, x.shape[-1] // size)
        .flatten(1)
        .reshape(len(x), -1, x.shape[1] * size * size)
        if x.shape[-1] == x.shape[-2]
        else cut(0, 3, 5, 1, 2, 4)(x, size)
    )
)


def joined(of, order):
    """`unpatchify` from parts in another order."""

    def unpatchify(tokens, size, height, width):
        rows, columns = height // size, width // size
        sizes = {"rows": rows, "columns": columns, "row": size, "column": size, "channel": -1}
        x = tokens.reshape(len(tokens), *(sizes[name] for name in of))
        return x.permute(*order).reshape(len(tokens), -1, height, width)

    return unpatchify


mistake("2.22b", "columns_first")(
    joined(["columns", "rows", "channel", "row", "column"], [0, 3, 2, 4, 1, 5])
)
mistake("2.22b", "patch_turned")(
    joined(["rows", "columns", "channel", "column", "row"], [0, 3, 1, 5, 2, 4])
)
mistake("2.22b", "channels_last")(
    joined(["rows", "columns", "row", "column", "channel"], [0, 5, 1, 3, 2, 4])
)
mistake("2.22b", "not_permuted")(
    joined(["rows", "columns", "channel", "row", "column"], [0, 1, 2, 3, 4, 5])
)

# --- 2.22c ---------------------------------------------------------------------------------------


class Layer(nn.Module):
    """A block with adaLN-Zero in which something is wrong."""

    def __init__(self, width, heads, condition, wrong):
        super().__init__()
        self.wrong = wrong
        self.norm = nn.LayerNorm(width, elementwise_affine=False)
        self.attention = nn.MultiheadAttention(width, heads, batch_first=wrong != "batch_second")
        self.mlp = nn.Sequential(
            nn.Linear(width, 2 * width), nn.SiLU(), nn.Linear(2 * width, width)
        )
        self.modulation = nn.Linear(condition, 6 * width)
        for parameter in self.modulation.parameters():
            nn.init.zeros_(parameter)
        self.position = nn.Parameter(torch.randn(7, width)) if wrong == "positions" else None
        self.extra = nn.Linear(3, 3) if wrong == "unused" else None

    def part(self, tokens, function, c):
        shift, scale, gate = c.chunk(3, dim=-1)
        normal = self.norm(tokens)
        if self.position is not None:
            normal = normal + self.position
        one = 0 if self.wrong == "without_one" else 1
        h = normal * (one + scale) + shift
        if self.wrong == "no_residual":
            return gate * function(h)
        return tokens + (1 + gate if self.wrong == "open" else gate) * function(h)

    def forward(self, tokens, c):
        if self.wrong == "condition":
            c = 0 * c
        first, second = self.modulation(c)[:, None].chunk(2, dim=-1)

        def look(h):
            return self.attention(h, h, h, need_weights=False)[0]

        def alone(h):
            return look(h.flatten(0, 1)[:, None]).reshape(h.shape)

        tokens = self.part(tokens, alone if self.wrong == "alone" else look, first)
        return self.part(tokens, self.mlp, second)


def layer(wrong):
    return lambda width, heads, condition: Layer(width, heads, condition, wrong)


mistake("2.22c", "gate_open")(layer("open"))
mistake("2.22c", "no_residual")(layer("no_residual"))
mistake("2.22c", "scale_without_one")(layer("without_one"))
mistake("2.22c", "tokens_alone")(layer("alone"))
mistake("2.22c", "batch_second")(layer("batch_second"))
mistake("2.22c", "positions_inside")(layer("positions"))
mistake("2.22c", "condition_unused")(layer("condition"))
mistake("2.22c", "parameters_unused")(layer("unused"))
