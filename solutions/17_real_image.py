# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Editing a real photograph
#
# Most of what you've made so far began with noise that you drew yourself. A photograph didn't: nobody knows
# which noise the model would have made *it* from. In this notebook you get at a photograph in two ways. The
# first one finds its noise, by running the sampling loop backwards. The second one, Imagic, teaches the model
# this one photograph, and then asks for a change.
#
# From the earlier notebooks you need $x_t = \sqrt{\bar\alpha_t}\, x_0 + \sqrt{1 - \bar\alpha_t}\, \epsilon$
# and guidance: `guided(model, prompt, scale)` makes an `estimate(x_t, t)` that returns the noise and the
# variance channels. With `scale=1` it's the prompt's own estimate, without guidance. `prompt` may also be an
# embedding. Everything here also runs on DeepFloyd if you have a GPU: give `pset.load_model` below one argument,
# `"DeepFloyd/IF-I-L-v1.0"`. (In 2.24 you train the network. For DeepFloyd that takes far more memory than
# sampling.)

# %% setup=true
from copy import deepcopy
from dataclasses import replace
from itertools import pairwise

import torch
from IPython.display import display
from matplotlib.figure import Figure

import pset
from pset import check, guided, iterative_denoise, thresholded

# %%
model = pset.load_model()
alphas_cumprod = model.alphas_cumprod

# %% [markdown]
# ## 2.23 Up and down without noise
#
# The loop of 1.4 adds fresh noise in every step, so nobody can run it backwards. DDIM (Song et al. 2021) doesn't:
# it takes the noise estimate out of the image, and puts *the same estimate* back, with the weight of the next
# timestep,
#
# $$ \hat x_0 = \frac{x_t - \sqrt{1 - \bar\alpha_t}\; \epsilon(x_t, t)}{\sqrt{\bar\alpha_t}} , \qquad
#    x_{t'} = \sqrt{\bar\alpha_{t'}}\; \hat x_0 + \sqrt{1 - \bar\alpha_{t'}}\; \epsilon(x_t, t) . \tag{1} $$
#
# Nothing in (1) says that $t'$ has to be *smaller* than $t$. With a larger $t'$ it goes the other way: from a
# clean image up to noise. That's *inversion*. One function does both; the list of timesteps decides. (If
# you've done notebook 16, you know (1) as `ddim_step`, from 2.21.)
#
# * Ask the network about the image where it *is*, at $t$.
# * Don't clip $\hat x_0$: on the way up, the model's idea of the clean image may well be out of range.

# %% exercise="2.23"
def ddim(x, estimate, alphas_cumprod, timesteps):
    """Take an image along a list of timesteps, down or up, without adding noise.

    Args:
        x: the images at the first of the timesteps, [B, 3, H, W].
        estimate: a function; estimate(x_t, t) gives the noise and the variance channels.
        alphas_cumprod: the schedule, [1000].
        timesteps: a list of timesteps. Where they fall, a step denoises; where they rise, it inverts.

    Returns:
        The images at the last of the timesteps, [B, 3, H, W].
    """
    ### BEGIN SOLUTION
    for t, t_next in pairwise(timesteps):
        alpha_bar, alpha_bar_next = alphas_cumprod[t], alphas_cumprod[t_next]
        noise, _ = estimate(x, t)
        x_0 = (x - (1 - alpha_bar).sqrt() * noise) / alpha_bar.sqrt()
        x = alpha_bar_next.sqrt() * x_0 + (1 - alpha_bar_next).sqrt() * noise
    return x
    ### END SOLUTION


# %% check="2.23"
check(
    "2.23",
    ### BEGIN HIDDEN TESTS
    hidden=True,  # other inputs, where the course keeps some
    ### END HIDDEN TESTS
)

# %% [markdown]
# Take a photograph, and a scene of the kind that the pocket model knows, up to $t = 990$ and down again, in more
# and more steps. A step up from $t$ to $t'$ isn't
# exactly undone by the step down from $t'$ to $t$: the network is asked at another image and another timestep.
# But the smaller the steps are, the less the two differ.

# %% needs="2.23"
COUNTS = [10, 20, 40, 80]
photographs = torch.cat([pset.photo("coffee"), pset.scene("horse")]).to(model.device)
sources = ["a photo of a mug", "a photo of a horse next to a clock under a rainbow"]


def evenly(top, count):
    """`count` steps from 0 to `top`, rising."""
    return torch.linspace(0, top, count + 1).round().int().tolist()


with pset.your_code():
    plain = guided(model, sources, scale=1)
    inverted, returned = [], []
    for count in COUNTS:
        rising = evenly(990, count)
        inverted.append(ddim(photographs, plain, alphas_cumprod, rising))
        returned.append(ddim(inverted[-1], plain, alphas_cumprod, rising[::-1]))
    errors = [float((x - photographs).pow(2).mean().sqrt()) for x in returned]
    figure = Figure(figsize=(4, 2.4), dpi=110, layout="tight")
    axis = figure.subplots()
    axis.semilogx(COUNTS, errors, "o-", color="tab:red")
    axis.set(xlabel="steps up, and as many down", ylabel="error (root mean square)")
    axis.set_xticks(COUNTS, COUNTS)
    axis.minorticks_off()
    axis.set_ylim(bottom=0)
    display(pset.publish(figure, "2.23_error"))
    columns = [photographs, inverted[-1] / 3, *returned]  # noise exceeds [-1, 1]
    captions = ["picture", "its noise", *(f"{count} steps" for count in COUNTS)]
    figure = pset.rows(list(zip(*columns)), [captions, []])
    display(pset.publish(figure, "2.23_there_and_back"))

# %% [markdown]
# **Question.** (a) By what factor does the error fall when you double the number of steps, and is that what you'd
# expect of a method that follows a curve in straight pieces? (b) Look closely at the noise. In what way doesn't it
# look like noise that `torch.randn` draws, and what could be the reason? (c) Why couldn't you invert the loop
# of 1.4 in this way, with the variance of its steps?

# %% [markdown] question="2.23-question"
# ### BEGIN SOLUTION
# (a) By a quarter or a third. Each step is a step of Euler's method, whose error is proportional to the length of
# the steps, so with very many of them it would be a half. These are still so long that the rule doesn't hold yet.
#
# (b) There's some structure left: the outlines of the photograph can be seen, and plain regions are smoother
# than noise should be. The network's estimate isn't exact, least of all at small t, where the noise that it has
# to find is nearly nothing; what it leaves out there stays in the image on the way up.
#
# (c) Its steps add fresh noise that doesn't depend on the image. To go back, you'd have to know what was
# drawn; the image alone doesn't say. DDIM's steps are a function of the image.
# ### END SOLUTION

# %% [markdown]
# ## 2.23b An edit
#
# Now you know which noise the photograph comes from. To edit it, come down again *with another prompt*:
#
# * up with the **source** prompt, which says what's in the photograph, *without* guidance (scale 1);
# * down, along the same timesteps, with the **target** prompt, with guidance.
#
# Why no guidance on the way up? Guidance exaggerates. On the way down that's welcome, but on the way up each step
# would go further than the model's own estimate says, and the errors grow with every step: what
# you have at the top no longer looks like noise to the model.
#
# You don't have to go all the way up, either. As in 1.7, less noise keeps more of the photograph. But here the
# noise isn't drawn: it *remembers* the photograph.
#
# To keep the pieces apart, your function gets two others: `prompted(prompt, scale)` makes an estimate, and
# `walk(x, estimate, timesteps)` goes along timesteps, as your `ddim` does.

# %% exercise="2.23b"
def edit_photo(image, source, target, scale, prompted, walk, timesteps):
    """Edit a photograph: up with one prompt, and down with another one.

    Args:
        image: the photographs, [B, 3, H, W].
        source: a prompt for what's in them.
        target: a prompt for what you want.
        scale: the guidance scale on the way down.
        prompted: a function; prompted(prompt, scale) makes an estimate with this guidance scale.
        walk: a function; walk(x, estimate, timesteps) takes x along the timesteps.
        timesteps: a list that rises from 0 to where the edit should begin.

    Returns:
        The edited photographs, [B, 3, H, W].
    """
    ### BEGIN SOLUTION
    x_t = walk(image, prompted(source, 1), timesteps)
    return walk(x_t, prompted(target, scale), timesteps[::-1])
    ### END SOLUTION


# %% check="2.23b"
check(
    "2.23b",
    ### BEGIN HIDDEN TESTS
    hidden=True,  # other inputs, where the course keeps some
    ### END HIDDEN TESTS
)

# %% [markdown]
# Compare it with image to image. In the first row of each pair, the edit starts from the photograph's own noise;
# in the second, from noise that was drawn, as in 1.7, at the same timestep, and comes down with the same steps.
# Move the slider from a timestep close to the photograph to pure noise. The guidance is weaker than usual:
# with a large scale, the way down soon has little to do with the way up. (If you've done notebook 15, there's
# something to try: let the way down use the attention maps that the source prompt had, as in 2.16.)

# %% needs="2.23,2.23b"
TOPS = [300, 480, 690, 990]
SCALE = 2.5
edits = [
    ("coffee", "a photo of a mug", "an oil painting of a mug"),
    ("rocket", "a photo of a rocket", "a pencil sketch of a rocket"),
]


def prompted(prompt, scale):
    """An estimate; with guidance, kept within the range of images."""
    estimate = guided(model, prompt, scale)
    return estimate if scale == 1 else thresholded(model, estimate)


def walk(x, estimate, timesteps):
    return ddim(x, estimate, alphas_cumprod, timesteps)


with pset.your_code():
    images = [pset.photo(name).to(model.device) for name, _, _ in edits]
    columns = [torch.cat([image for image in images for _ in range(2)])]
    for top in TOPS:
        timesteps = list(range(0, top + 1, 30))
        alpha_bar = alphas_cumprod[top]
        column = []
        for image, (_, source, target) in zip(images, edits):
            own = edit_photo(image, source, target, SCALE, prompted, walk, timesteps)
            drawn = pset.noise(image.shape, device=model.device)
            noisy = alpha_bar.sqrt() * image + (1 - alpha_bar).sqrt() * drawn
            column += [own, walk(noisy, prompted(target, SCALE), timesteps[::-1])]
        columns.append(torch.cat(column))
    captions = ["photograph", *(f"up to t = {top}" for top in TOPS)]
    titles = [
        f"{target.replace(' of ', chr(10) + 'of ')}\n({noise})"
        for _, _, target in edits
        for noise in ("its own noise", "drawn noise")
    ]
    figure = pset.rows(list(zip(*columns)), [captions, *[[]] * 3], titles)
    still = pset.publish(figure, "2.23_edit")
    display(pset.slider(columns, captions, "start", still, columns=2, scale=3))

# %% [markdown]
# **Question.** (a) At which timestep does each edit serve its prompt best and still show the same cup, or the
# same rocket? (b) What does the photograph's own noise keep that drawn noise at the same timestep loses? (c) Even at
# $t = 990$, where $x_t$ looks like pure noise, the edit has something in common with the photograph. Where's that
# stored?

# %% [markdown] question="2.23b-question"
# ### BEGIN SOLUTION
# (a) Any choice with a reason.
#
# (b) The layout: where the outlines are, which part is bright or dark, the pose. Drawn noise hides all details at
# once, and what's hidden gets invented again. The photograph's own noise is the one from which the model, with the
# source prompt, would make this very photograph: where the two prompts agree, so do the estimates, and the
# details come back.
#
# (c) In the noise itself. The walk up is a function of the photograph that can be undone (nearly), so it can't
# forget anything: everything that makes this photograph different from others is in x_990. Part of it is even
# visible, since the inverted noise isn't perfectly white.
# ### END SOLUTION

# %% [markdown]
# ## 2.24 Imagic, stage 1: the embedding
#
# Some changes don't come by themselves from a prompt, and the model may not know a thing that looks like the one
# in your photograph. Imagic (Kawar et al. 2023) takes the time to learn this *one* photograph, in three stages.
# All it needs is the photograph and a **target** prompt: what it should show after the edit.
#
# The first two stages train something, with the loss that diffusion models are trained with,
#
# $$ L(\theta, e) = \bigl\| \epsilon_\theta\bigl(\sqrt{\bar\alpha_t}\, x + \sqrt{1 - \bar\alpha_t}\, \epsilon,\;
#    t,\; e\bigr) - \epsilon \bigr\|^2 , \tag{2} $$
#
# where $x$ is the photograph, $\theta$ the network's parameters, and $e$ a prompt's embedding. Every step draws
# other timesteps $t$ and other noise $\epsilon$. Here's that loss as a function, so that you don't have to write
# it. The draw is number $k$.

# %%
photograph = pset.photo("cat").to(model.device)
TARGET = "a watercolor of a cat"


def loss(network, embeds, k, count=4):
    """Equation (2), the mean over `count` noisy versions of the photograph in draw k: one number."""
    generator = torch.Generator().manual_seed(k)
    t = torch.randint(20, 980, (count,), generator=generator).to(model.device)
    eps = pset.noise((count, *photograph.shape[1:]), k, model.device)
    alpha_bar = alphas_cumprod[t][:, None, None, None]
    x_t = alpha_bar.sqrt() * photograph + (1 - alpha_bar).sqrt() * eps
    return (network(x_t, t, embeds, return_dict=False)[0][:, :3] - eps).pow(2).mean()


# %% [markdown]
# **Stage 1** looks for the embedding that describes the photograph best: start from the target's embedding
# $e_\text{target}$ and minimise (2) over $e$. The network stays as it is. You stop early, while $e$ is still close
# to the target. The result is $e_\text{opt}$.
#
# * Use `torch.optim.Adam` with the learning rate `lr`, and its defaults for everything else.
# * Step $k$, from 0, uses draw $k$: `loss(network, embeds, k)`.
# * As in 2.7, put what needs gradients into a `torch.enable_grad()` block: checks may run where they're off.
# * Work on a copy of `embeds`: `embeds.detach().clone().requires_grad_()`. (An optimiser changes what it's given.)

# %% exercise="2.24"
def optimise_embedding(loss, network, embeds, lr, steps):
    """Stage 1: the embedding that describes the photograph best, near the one you start from.

    Args:
        loss: a function; loss(network, embeds, k) is the loss of draw k, a tensor with a single number.
        network: the denoiser; it doesn't change.
        embeds: the target's embedding, [1, N, D]: where the search begins.
        lr: Adam's learning rate.
        steps: how many steps to take, with draws 0 to steps − 1.

    Returns:
        The optimised embedding, [1, N, D].
    """
    ### BEGIN SOLUTION
    with torch.enable_grad():
        embeds = embeds.detach().clone().requires_grad_()
        optimiser = torch.optim.Adam([embeds], lr=lr)
        for k in range(steps):
            optimiser.zero_grad()
            loss(network, embeds, k).backward()
            optimiser.step()
    return embeds.detach()
    ### END SOLUTION


# %% check="2.24"
check(
    "2.24",
    ### BEGIN HIDDEN TESTS
    hidden=True,  # other inputs, where the course keeps some
    ### END HIDDEN TESTS
)

# %% [markdown]
# ## 2.24b Imagic, stage 2: the network
#
# With $e_\text{opt}$ the model makes something *like* the photograph, but an embedding alone can't say
# everything. **Stage 2** lets the network learn the rest: minimise (2) over $\theta$, with $e_\text{opt}$ held
# fixed. (Don't train both at once. Then there'd be no telling which of the two the change has gone into, and the
# embedding would wander further away from the target.)
#
# * A loaded network is frozen. Its method `requires_grad_` thaws it, and `network.parameters()` are what Adam
#   gets.
# * The network changes in place. Return the losses: one for each step, as it was *before* the step.

# %% exercise="2.24b"
def tune_network(loss, network, embeds, lr, steps):
    """Stage 2: train the network on the photograph, with the embedding held fixed.

    Args:
        loss: a function; loss(network, embeds, k) is the loss of draw k, a tensor with a single number.
        network: the denoiser; all its parameters are trained, in place.
        embeds: the optimised embedding, [1, N, D]; it doesn't change.
        lr: Adam's learning rate.
        steps: how many steps to take, with draws 0 to steps − 1.

    Returns:
        The loss of each step, [steps].
    """
    ### BEGIN SOLUTION
    network.requires_grad_(True)
    optimiser = torch.optim.Adam(network.parameters(), lr=lr)
    losses = []
    with torch.enable_grad():
        for k in range(steps):
            optimiser.zero_grad()
            value = loss(network, embeds, k)
            value.backward()
            optimiser.step()
            losses.append(value.detach())
    return torch.stack(losses)
    ### END SOLUTION


# %% check="2.24b"
check(
    "2.24b",
    ### BEGIN HIDDEN TESTS
    hidden=True,  # other inputs, where the course keeps some
    ### END HIDDEN TESTS
)

# %% [markdown]
# ## 2.24c Imagic, stage 3: between the two
#
# The tuned network makes the photograph from $e_\text{opt}$, and $e_\text{target}$ isn't far from there.
# **Stage 3** goes from one to the other, as you did in 2.1,
#
# $$ e(\alpha) = (1 - \alpha)\, e_\text{opt} + \alpha\, e_\text{target} . \tag{3} $$
#
# Somewhere in between, it's still your photograph and it already shows the change. $\alpha$ may also be larger
# than 1, if the change is too timid. (The paper calls it $\eta$.)

# %% exercise="2.24c"
def mix(e_opt, e_target, alphas):
    """Embeddings between the photograph's and the target's, and beyond.

    Args:
        e_opt: the optimised embedding, [1, N, D].
        e_target: the target prompt's, [1, N, D].
        alphas: a list of A numbers: 0 is the photograph's embedding, 1 the target's.

    Returns:
        An embedding for each of them, [A, N, D].
    """
    ### BEGIN SOLUTION
    alpha = torch.tensor(alphas, device=e_opt.device, dtype=e_opt.dtype)[:, None, None]
    return (1 - alpha) * e_opt + alpha * e_target
    ### END SOLUTION


# %% check="2.24c"
check(
    "2.24c",
    ### BEGIN HIDDEN TESTS
    hidden=True,  # other inputs, where the course keeps some
    ### END HIDDEN TESTS
)

# %% [markdown]
# Now all three stages. (This takes a few minutes without a GPU: most of the time goes into 160 steps of training.
# The network that's trained is a copy, so that `model` stays as it is.)

# %% needs="2.24,2.24b"
STAGE_1, STAGE_2 = 60, 100  # steps
with pset.your_code():
    e_target = model.prompt_embeds(TARGET)
    e_opt = optimise_embedding(loss, model.unet, e_target, 1e-2, STAGE_1)
    tuned = replace(model, unet=deepcopy(model.unet))


    def later(network, embeds, k):
        """Other draws than those of stage 1."""
        return loss(network, embeds, STAGE_1 + k)

    tune_network(later, tuned.unet, e_opt, 3e-4, STAGE_2)
    tuned.unet.requires_grad_(False)

    def mean_loss(network, embeds, draws=range(10_000, 10_008)):
        """The loss on draws that no stage has seen."""
        with torch.no_grad():
            return float(torch.stack([loss(network, embeds, k) for k in draws]).mean())

    print(f"the target's embedding: {mean_loss(model.unet, e_target):.4f}")
    print(f"after stage 1:          {mean_loss(model.unet, e_opt):.4f}")
    print(f"after stage 2:          {mean_loss(tuned.unet, e_opt):.4f}")

# %% [markdown]
# The first row comes from the model as it was, the other two from the tuned one, with two different draws of
# noise. Move the slider over $\alpha$.

# %% needs="2.24,2.24b,2.24c"
ALPHAS = [0.0, 0.4, 0.8, 1.2, 1.6]
with pset.your_code():
    embeds = mix(e_opt, e_target, ALPHAS)

    def sampled(of, seed):
        """A picture for each α, all from the same noise."""
        x_T = pset.noise(photograph.shape, seed, model.device).expand(len(ALPHAS), -1, -1, -1)
        estimate = thresholded(of, guided(of, embeds, scale=3))
        return iterative_denoise(x_T, 0, estimate, alphas_cumprod, seed=[seed] * len(ALPHAS))

    rows = [sampled(model, 1), sampled(tuned, 1), sampled(tuned, 2)]
    columns = [torch.stack(images) for images in zip(*rows)]
    captions = [f"α = {alpha:g}" for alpha in ALPHAS]
    titles = ["before\nstage 2", "after\nstage 2", "after, with\nother noise"]
    still = pset.publish(pset.rows(rows, [captions, [], []], titles), "2.24_imagic")
    display(pset.slider(columns, captions, "α", still, scale=3))
    chosen = rows[1][3]
    pset.save_image(chosen, "pictures/2.24 imagic.png")

# %% [markdown]
# **Choose** the picture that you like best: change `chosen`. If there's time, try another photograph or target.
#
# **Question.** (a) Which $\alpha$ is the best one, and what's wrong with a smaller and a larger one? (b) What does
# the row before stage 2 have from the photograph, and what's missing? (c) If you trained much longer in stage 2,
# the loss would go on falling. What would happen to the edits? (d) You've seen what it takes to put a particular
# cat into other pictures. It works on a photograph of a person, too. Name one use that you'd want and one
# that you wouldn't.

# %% [markdown] question="2.24c-question"
# ### BEGIN SOLUTION
# (a) Any choice with a reason: smaller, and it's just the photograph; larger, and it's a picture of the prompt, in
# which the photograph's cat can't be recognised, or the picture falls apart.
#
# (b) The colours, perhaps the pose and the rough layout. What's missing is this particular cat: its face, its
# stripes. One embedding has far too few numbers that the network listens to, and it listens to them as to a text.
#
# (c) The network would know the photograph by heart and make it whatever the prompt says: it would no longer
# listen to the embedding, and α would hardly change anything. (Its other knowledge would suffer, too.)
#
# (d) Any sensible answer: seeing yourself with another haircut, restoring or restyling a family picture; and a
# picture of somebody in a situation that they were never in, or wouldn't want to be seen in, made from a single
# photograph and without asking.
# ### END SOLUTION
