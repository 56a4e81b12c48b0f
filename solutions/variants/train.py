"""Other right answers to 2.19 to 2.22: modules, functions on lists of weights, einops, by hand."""

import itertools
import math

import numpy as np
import torch
from einops import einsum, rearrange
from torch import nn
from torch.nn import functional

from solutions.variants import variant

# --- 2.19 ----------------------------------------------------------------------------------------


class Strided(nn.Module):
    """Strided and transposed convolutions; time and label added at every level."""

    def __init__(self, channels, width, classes):
        super().__init__()
        w = [width, 2 * width, 4 * width]
        self.stem = nn.Conv2d(channels, w[0], 3, padding=1)
        self.go_down = nn.ModuleList(
            nn.Conv2d(a, b, 4, stride=2, padding=1) for a, b in itertools.pairwise(w)
        )
        self.go_up = nn.ModuleList(
            nn.ConvTranspose2d(b, a, 4, stride=2, padding=1) for a, b in itertools.pairwise(w)
        )
        self.merge = nn.ModuleList(nn.Conv2d(2 * a, a, 3, padding=1) for a in w[:2])
        self.moved = nn.ModuleList(nn.Linear(1, a) for a in w)
        self.named = nn.ModuleList(nn.Embedding(classes + 1, a) for a in w)
        self.last = nn.Conv2d(w[0], channels, 1)

    def condition(self, level, h, t, label):
        added = self.moved[level](t[:, None]) + self.named[level](label)
        return functional.gelu(h + added[:, :, None, None])

    def forward(self, x, t, label):
        h = self.condition(0, self.stem(x), t, label)
        kept = []
        for level, down in enumerate(self.go_down):
            kept.append(h)
            h = self.condition(level + 1, down(h), t, label)
        for level in (1, 0):
            h = functional.gelu(
                self.merge[level](torch.cat([kept[level], self.go_up[level](h)], 1))
            )
        return self.last(h)


class Added(nn.Module):
    """Skips that are added, and a last layer that begins at zero; BatchNorm on the way."""

    def __init__(self, channels, width, classes):
        super().__init__()

        def conv(inward, outward):
            layer = nn.Conv2d(inward, outward, 3, padding=1, bias=False)
            return nn.Sequential(layer, nn.BatchNorm2d(outward), nn.GELU())

        self.a, self.b, self.c = (
            conv(channels, width),
            conv(width, 2 * width),
            conv(2 * width, width),
        )
        self.d, self.e = conv(width, 2 * width), conv(2 * width, width)
        self.time = nn.Sequential(nn.Linear(1, width), nn.GELU(), nn.Linear(width, width))
        self.label = nn.Embedding(classes + 1, width)
        self.out = nn.Conv2d(width, channels, 3, padding=1)
        nn.init.zeros_(self.out.weight)

    def forward(self, x, t, label):
        full = self.a(x)
        half = self.b(functional.max_pool2d(full, 2))
        low = self.c(functional.max_pool2d(half, 2))
        low = (
            low * (1 + self.time(t[:, None])[..., None, None]) + self.label(label)[..., None, None]
        )
        up = self.d(functional.interpolate(low, scale_factor=2)) + half
        up = self.e(functional.interpolate(up, scale_factor=2.0, mode="bilinear")) + full
        return self.out(up)


class Recursive(nn.Module):
    """A level contains the level below it; one-hot labels; attention by SDPA at the bottom."""

    def __init__(self, channels, width, classes):
        super().__init__()
        self.classes = classes
        self.embed = nn.Linear(classes + 4, width)
        self.inward = nn.Conv2d(channels, width, 3, padding=1)
        self.outward = nn.Conv2d(width, channels, 3, padding=1)
        self.inside = Level(width, width, Level(2 * width, width, Bottom(2 * width)))

    def forward(self, x, t, label):
        one_hot = functional.one_hot(label, self.classes + 1).to(x.dtype)
        wave = torch.stack([t, (3 * t).sin(), (9 * t).cos()], dim=1)
        return self.outward(self.inside(self.inward(x), self.embed(torch.cat([one_hot, wave], 1))))


class Level(nn.Module):
    """Down, whatever is inside, and up again; with twice the width inside at the first level."""

    def __init__(self, width, embedding, inside):
        super().__init__()
        inner = 2 * width if isinstance(inside, Level) else width
        self.before = nn.Conv2d(width, width, 3, padding=1)
        self.shift = nn.Linear(embedding, width)
        self.change, self.back = nn.Conv2d(width, inner, 1), nn.Conv2d(inner, width, 1)
        self.inside, self.after = inside, nn.Conv2d(2 * width, width, 3, padding=1)

    def forward(self, x, embedding):
        x = torch.tanh(self.before(x) + self.shift(embedding)[:, :, None, None])
        low = self.inside(self.change(functional.avg_pool2d(x, 2)), embedding)
        up = functional.interpolate(self.back(low), size=x.shape[-2:])
        return torch.tanh(self.after(torch.cat([up, x], dim=1)))


class Bottom(nn.Module):
    """Self-attention over all places."""

    def __init__(self, width):
        super().__init__()
        self.qkv = nn.Conv2d(width, 3 * width, 1)

    def forward(self, x, embedding):
        q, k, v = (part.flatten(2).transpose(1, 2) for part in self.qkv(x).chunk(3, dim=1))
        seen = functional.scaled_dot_product_attention(q, k, v)
        return x + seen.transpose(1, 2).reshape(x.shape)


class Functional:
    """No nn.Module at all: a list of weights, and functions."""

    def __init__(self, channels, width, classes):
        generator = torch.Generator().manual_seed(5)

        def weight(*shape):
            scale = math.prod(shape[1:]) ** -0.5
            return (scale * torch.randn(shape, generator=generator)).requires_grad_()

        self.weights = [
            weight(width, channels, 3, 3),
            weight(2 * width, width, 3, 3),
            weight(2 * width, 2 * width, 3, 3),
            weight(2 * width, 4 * width, 3, 3),
            weight(channels, 3 * width, 3, 3),
            weight(classes + 1, 2 * width),
            weight(2, 2 * width),
        ]

    def parameters(self):
        return iter(self.weights)

    def __call__(self, x, t, label):
        into, down, low, up, out, table, clock = self.weights
        full = functional.silu(functional.conv2d(x, into, padding=1))
        half = functional.silu(functional.conv2d(functional.avg_pool2d(full, 2), down, padding=1))
        quarter = functional.conv2d(functional.avg_pool2d(half, 2), low, padding=1)
        moved = table[label] + torch.stack([t, 1 - t], dim=1) @ clock
        quarter = functional.silu(quarter + moved[:, :, None, None])
        larger = torch.cat([quarter.repeat_interleave(2, 2).repeat_interleave(2, 3), half], dim=1)
        larger = functional.silu(functional.conv2d(larger, up, padding=1))
        larger = larger.repeat_interleave(2, 2).repeat_interleave(2, 3)
        return functional.conv2d(torch.cat([larger, full], dim=1), out, padding=1)


for network in (Strided, Added, Recursive, Functional):
    variant("2.19")(network)

# --- 2.20 ----------------------------------------------------------------------------------------


@variant("2.20")
def pair_by_lerp(x_0, noise, t):
    """torch's own interpolation, and a list."""
    return [torch.lerp(noise, x_0, t.view(-1, 1, 1, 1)), x_0 - noise]


@variant("2.20")
def pair_in_numpy(x_0, noise, t):
    """numpy in double precision."""
    x, n, t = (value.numpy().astype(np.float64) for value in (x_0, noise, t))
    return n + t.reshape(-1, 1, 1, 1) * (x - n), x - n


@variant("2.20")
def pair_by_einsum(x_0, noise, t):
    """Weights by einops."""
    x_t = einsum(t, x_0, "b, b c h w -> b c h w") + einsum(1 - t, noise, "b, b c h w -> b c h w")
    return torch.stack([x_t, x_0 - noise])


@variant("2.20")
def pair_image_by_image(x_0, noise, t):
    """The velocity as a derivative, taken by differences of a line."""
    shown = torch.stack([s * x + (1 - s) * n for x, n, s in zip(x_0, noise, t, strict=True)])
    ends = [
        torch.stack([s * x + (1 - s) * n for x, n in zip(x_0, noise, strict=True)]) for s in (0, 1)
    ]
    return shown, ends[1] - ends[0]


# --- 2.20b ---------------------------------------------------------------------------------------


def shown_at(x_0, noise, t):
    return torch.lerp(noise, x_0, rearrange(t, "b -> b 1 1 1"))


@variant("2.20b")
def step_with_mse_loss(net, optimizer, x_0, label, noise, t, dropped, classes):
    """torch's loss, and masked labels; the gradients go right before `backward`."""
    labels = label.masked_fill(dropped, classes)
    loss = functional.mse_loss(net(shown_at(x_0, noise, t), t, labels), x_0 - noise)
    for parameter in net.parameters():
        parameter.grad = None
    loss.backward()
    optimizer.step()
    return loss.item()


@variant("2.20b")
def step_with_autograd(net, optimizer, x_0, label, noise, t, dropped, classes):
    """Gradients asked for, and put in place; nothing is added to old ones. Returns a tensor."""
    parameters = list(net.parameters())
    labels = label.clone()
    labels[dropped] = classes
    apart = net(shown_at(x_0, noise, t), t, labels) + noise - x_0
    loss = (apart**2).sum() / apart.numel()
    for parameter, gradient in zip(parameters, torch.autograd.grad(loss, parameters), strict=True):
        parameter.grad = gradient
    optimizer.step()
    return loss


@variant("2.20b")
def step_image_by_image(net, optimizer, x_0, label, noise, t, dropped, classes):
    """The gradients of single images add up."""
    optimizer.zero_grad(set_to_none=False)
    total, count = 0.0, len(x_0)
    for k in range(count):
        one = slice(k, k + 1)
        named = torch.tensor([classes]) if dropped[k] else label[one]
        found = net(shown_at(x_0[one], noise[one], t[one]), t[one], named)
        loss = (found - (x_0[one] - noise[one])).pow(2).mean() / count
        loss.backward()
        total += loss.item()
    optimizer.step()
    return total


@variant("2.20b")
def step_with_closure(net, optimizer, x_0, label, noise, t, dropped, classes):
    """The optimizer asks for the loss; labels by arithmetic; forgets after the step as well."""
    mask = dropped.long()

    def closure():
        optimizer.zero_grad()
        found = net(shown_at(x_0, noise, t), t, label * (1 - mask) + classes * mask)
        loss = torch.linalg.vector_norm(found - (x_0 - noise)) ** 2 / found.numel()
        loss.backward()
        return loss

    loss = optimizer.step(closure)
    optimizer.zero_grad()
    return float(loss)


# --- 2.20c ---------------------------------------------------------------------------------------


@variant("2.20c")
def euler_in_one_batch(net, x, label, steps, scale, classes):
    """Both velocities from one call."""
    both = torch.cat([label, label.new_full(label.shape, classes)])
    for t in torch.linspace(0, 1, steps + 1)[:-1]:
        velocity, plain = net(torch.cat([x, x]), t.expand(len(both)), both).chunk(2)
        x = x + torch.lerp(plain, velocity, scale) / steps
    return x


@variant("2.20c")
def euler_by_ends(net, x, label, steps, scale, classes):
    """Times from both ends of each step; weights γ and 1 − γ."""
    ends = np.linspace(0, 1, steps + 1)
    for begin, end in itertools.pairwise(ends):
        t = torch.full_like(x[:, 0, 0, 0], float(begin))
        velocity = scale * net(x, t, label)
        velocity += (1 - scale) * net(x, t, torch.full_like(label, classes))
        x = x + float(end - begin) * velocity
    return x


@variant("2.20c")
def euler_image_by_image(net, x, label, steps, scale, classes):
    """Each image on its own, recursively."""

    def go(one, which, k):
        if k == steps:
            return one
        t = torch.tensor([k / steps])
        plain = net(one, t, torch.tensor([classes]))
        guided = plain + scale * (net(one, t, which[None]) - plain)
        return go(one + guided / steps, which, k + 1)

    return torch.cat([go(one[None], which, 0) for one, which in zip(x, label, strict=True)])


@variant("2.20c")
def euler_by_the_image(net, x, label, steps, scale, classes):
    """By the estimated image: x_0 = x + (1 − t)·v, and a share of the way to it."""
    for k in range(steps):
        left = 1 - k / steps
        t = torch.full([len(x)], 1 - left)
        plain, named = (net(x, t, which) for which in (torch.full_like(label, classes), label))
        image = x + left * ((1 - scale) * plain + scale * named)
        x = torch.lerp(x, image, 1 / (steps * left))
    return x


# --- 2.21 ----------------------------------------------------------------------------------------


@variant("2.21")
def ddim_by_two_weights(x_t, t, t_next, noise, alphas_cumprod):
    """One weight of x_t, and one of the noise; double precision."""
    a, b = (float(alphas_cumprod[s]) for s in (t, t_next))
    kept = (b / a) ** 0.5
    return kept * x_t + ((1 - b) ** 0.5 - kept * (1 - a) ** 0.5) * noise


@variant("2.21")
def ddim_by_sigmas(x_t, t, t_next, noise, alphas_cumprod):
    """In the variance-exploding picture, a step is Euler's: x/√ᾱ moves by the change of σ."""
    sigma = ((1 - alphas_cumprod.double()) / alphas_cumprod.double()).sqrt()
    x = x_t / alphas_cumprod[t].sqrt() + (sigma[t_next] - sigma[t]) * noise
    return (x * alphas_cumprod[t_next].sqrt()).float()


@variant("2.21")
def ddim_in_numpy(x_t, t, t_next, noise, alphas_cumprod):
    """numpy."""
    a = alphas_cumprod.numpy()[[t, t_next]].astype(np.float64)
    image = (x_t.numpy() - np.sqrt(1 - a[0]) * noise.numpy()) / np.sqrt(a[0])
    return np.sqrt(a[1]) * image + np.sqrt(1 - a[1]) * noise.numpy()


@variant("2.21")
def ddim_by_an_angle(x_t, t, t_next, noise, alphas_cumprod):
    """Image and noise are mixed by an angle, ᾱ = cos²; a step turns it."""
    angles = torch.arccos(alphas_cumprod[[t, t_next]].double().sqrt())
    image = (x_t - angles[0].sin() * noise) / angles[0].cos()
    return angles[1].cos() * image + angles[1].sin() * noise


# --- 2.21b ---------------------------------------------------------------------------------------


def inverting(step):
    """`ddim_invert` with one of the steps above."""

    def ddim_invert(image, estimate, alphas_cumprod, timesteps):
        for k in range(len(timesteps) - 1, 0, -1):
            noise = estimate(image, timesteps[k])[0]
            image = torch.as_tensor(
                step(image, timesteps[k], timesteps[k - 1], noise, alphas_cumprod)
            ).float()
        return image

    ddim_invert.__name__ = f"invert_with_{step.__name__}"
    return ddim_invert


@variant("2.21b")
def invert_by_two_weights(image, estimate, alphas_cumprod, timesteps):
    """From the end of the list to its beginning."""
    return inverting(ddim_by_two_weights)(image, estimate, alphas_cumprod, timesteps)


@variant("2.21b")
def invert_by_sigmas(image, estimate, alphas_cumprod, timesteps):
    """In the variance-exploding picture."""
    return inverting(ddim_by_sigmas)(image, estimate, alphas_cumprod, timesteps)


@variant("2.21b")
def invert_in_numpy(image, estimate, alphas_cumprod, timesteps):
    """numpy."""
    return inverting(ddim_in_numpy)(image, estimate, alphas_cumprod, timesteps)


@variant("2.21b")
def invert_recursively(image, estimate, alphas_cumprod, timesteps):
    """The last two of the timesteps, and then the rest; on a sorted copy."""
    if len(timesteps) < 2:
        return image
    *_, t_next, t = sorted(timesteps, reverse=True)
    noise, _ = estimate(image, t)
    image = ddim_by_two_weights(image, t, t_next, noise, alphas_cumprod)
    return invert_recursively(image, estimate, alphas_cumprod, timesteps[:-1])


# --- 2.22 ----------------------------------------------------------------------------------------


@variant("2.22")
def patches_by_einops(x, size):
    """As one writes it down."""
    return rearrange(x, "b c (h p) (w q) -> b (h w) (c p q)", p=size, q=size)


@variant("2.22")
def patches_by_unfold(x, size):
    """torch's own sliding window, with a stride."""
    return functional.unfold(x, size, stride=size).transpose(1, 2)


@variant("2.22")
def patches_by_convolution(x, size):
    """A convolution that picks single pixels."""
    count = x.shape[1] * size * size
    weight = torch.eye(count).reshape(count, x.shape[1], size, size)
    return functional.conv2d(x, weight, stride=size).flatten(2).mT


@variant("2.22")
def patches_one_by_one(x, size):
    """Cut out in a loop, in numpy."""
    _, _, height, width = x.shape
    cut = [
        x.numpy()[:, :, top : top + size, left : left + size].reshape(len(x), -1)
        for top in range(0, height, size)
        for left in range(0, width, size)
    ]
    return np.stack(cut, axis=1)


@variant("2.22b")
def pictures_by_einops(tokens, size, height, width):
    """As one writes it down."""
    return rearrange(tokens, "b (h w) (c p q) -> b c (h p) (w q)", h=height // size, p=size, q=size)


@variant("2.22b")
def pictures_by_fold(tokens, size, height, width):
    """torch's inverse of a sliding window."""
    return functional.fold(tokens.mT, (height, width), size, stride=size)


@variant("2.22b")
def pictures_by_shuffle(tokens, size, height, width):
    """A pixel shuffle of the tokens, as a small picture with many channels."""
    small = tokens.mT.unflatten(2, (height // size, width // size))
    return functional.pixel_shuffle(small, size)


@variant("2.22b")
def pictures_one_by_one(tokens, size, height, width):
    """Pasted in a loop."""
    picture = torch.zeros(len(tokens), tokens.shape[-1] // size**2, height, width)
    places = [(top, left) for top in range(0, height, size) for left in range(0, width, size)]
    for k, (top, left) in enumerate(places):
        patch = tokens[:, k].reshape(len(tokens), -1, size, size)
        picture[:, :, top : top + size, left : left + size] = patch
    return picture


# --- 2.22c ---------------------------------------------------------------------------------------


class BySdpa(nn.Module):
    """Attention by SDPA; two linear layers for the condition; only the gates begin at zero."""

    def __init__(self, width, heads, condition):
        super().__init__()
        self.heads = heads
        self.qkv, self.out = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.mlp = nn.Sequential(nn.Linear(width, width), nn.ReLU(), nn.Linear(width, width))
        self.moves, self.gates = nn.Linear(condition, 4 * width), nn.Linear(condition, 2 * width)
        nn.init.zeros_(self.gates.weight)
        nn.init.zeros_(self.gates.bias)

    def look(self, h):
        q, k, v = rearrange(self.qkv(h), "b n (three h d) -> three b h n d", three=3, h=self.heads)
        seen = functional.scaled_dot_product_attention(q, k, v)
        return self.out(rearrange(seen, "b h n d -> b n (h d)"))

    def forward(self, tokens, c):
        b1, s1, b2, s2 = self.moves(c).unsqueeze(1).chunk(4, -1)
        g1, g2 = self.gates(c).unsqueeze(1).chunk(2, -1)
        h = functional.layer_norm(tokens, tokens.shape[-1:])
        tokens = torch.addcmul(tokens, g1, self.look(h + h * s1 + b1))
        h = functional.layer_norm(tokens, tokens.shape[-1:])
        return torch.addcmul(tokens, g2, self.mlp(h + h * s2 + b2))


class ByHand(nn.Module):
    """Softmax by hand, a head at a time; a parameter for each of the six."""

    def __init__(self, width, heads, condition):
        super().__init__()
        self.size = width // heads
        self.q, self.k, self.v = (nn.Linear(width, width, bias=False) for _ in range(3))
        self.mlp = nn.Sequential(
            nn.Linear(width, 3 * width), nn.Tanh(), nn.Linear(3 * width, width)
        )
        self.six = nn.ParameterList(torch.zeros(condition, width) for _ in range(6))

    def look(self, h):
        heads = []
        for q, k, v in zip(
            *(f(h).split(self.size, 2) for f in (self.q, self.k, self.v)), strict=True
        ):
            weights = (q @ k.mT / math.sqrt(self.size)).exp()
            heads.append(weights / weights.sum(-1, keepdim=True) @ v)
        return torch.cat(heads, dim=-1)

    def forward(self, tokens, c):
        shift, scale, gate, shift_2, scale_2, gate_2 = ((c @ each)[:, None] for each in self.six)
        tokens = tokens + gate * self.look((1 + scale) * normal(tokens) + shift)
        return tokens + gate_2 * self.mlp((1 + scale_2) * normal(tokens) + shift_2)


def normal(tokens):
    """A layer norm without parameters."""
    variance, mean = torch.var_mean(tokens, -1, correction=0, keepdim=True)
    return (tokens - mean) / (variance + 1e-6).sqrt()


class BatchSecond(nn.Module):
    """torch's attention with its own order, transposed there and back; norms with weights."""

    def __init__(self, width, heads, condition):
        super().__init__()
        self.attention = nn.MultiheadAttention(width, heads)
        self.norms = nn.ModuleList([nn.LayerNorm(width), nn.LayerNorm(width)])
        self.mlp = nn.Sequential(nn.Linear(width, width), nn.SiLU(), nn.Linear(width, width))
        hidden = nn.Linear(condition, width)
        self.modulation = nn.Sequential(hidden, nn.SiLU(), nn.Linear(width, 6 * width))
        for parameter in self.modulation[-1].parameters():
            parameter.data.zero_()

    def forward(self, tokens, c):
        b, s, g, b_2, s_2, g_2 = self.modulation(c).chunk(6, dim=1)
        x = tokens.transpose(0, 1)
        h = self.norms[0](x) * (s + 1) + b
        x = x + g * self.attention(h, h, h)[0]
        x = x + g_2 * self.mlp(self.norms[1](x) * (s_2 + 1) + b_2)
        return x.transpose(0, 1)


class Weights:
    """No nn.Module: a dictionary of weights, and einsum."""

    def __init__(self, width, heads, condition):
        generator = torch.Generator().manual_seed(6)

        def weight(*shape):
            return (0.3 * torch.randn(shape, generator=generator)).requires_grad_()

        self.heads = heads
        self.weights = {
            "qkv": weight(3, width, width),
            "up": weight(width, 2 * width),
            "down": weight(2 * width, width),
            "six": torch.zeros(6, condition, width, requires_grad=True),
        }

    def parameters(self):
        return self.weights.values()

    def __call__(self, tokens, c):
        w = self.weights
        b, s, g, b_2, s_2, g_2 = einsum(c, w["six"], "b c, six c d -> six b d")[:, :, None]
        h = normal(tokens) * (1 + s) + b
        q, k, v = rearrange(
            einsum(h, w["qkv"], "b n d, three d e -> three b n e"),
            "three b n (h e) -> three b h n e",
            h=self.heads,
        )
        scores = einsum(q, k, "b h n e, b h m e -> b h n m") / q.shape[-1] ** 0.5
        seen = einsum(scores.softmax(-1), v, "b h n m, b h m e -> b h n e")
        tokens = tokens + g * rearrange(seen, "b h n e -> b n (h e)")
        h = normal(tokens) * (1 + s_2) + b_2
        return tokens + g_2 * (functional.silu(h @ w["up"]) @ w["down"])


for network in (BySdpa, ByHand, BatchSecond, Weights):
    variant("2.22c")(network)
