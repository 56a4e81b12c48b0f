# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # The second stage, and what all this is used for
#
# Your pictures are 64 × 64. A **cascade** makes large pictures in two stages: the first one decides what is
# to be seen, the second takes the small picture to 256 × 256 and adds the detail that a small one cannot
# hold. The second stage is a diffusion model as well. It runs in the loop that you know, with one more
# thing to look at. The notebook ends with a question about the use of such tools.

# %% setup=true
from pathlib import Path

import torch
from IPython.display import display

import pset
from pset import check, guided, iterative_denoise, thresholded

# %%
model = pset.load_model()
alphas_cumprod = model.alphas_cumprod
null_embeds = model.prompt_embeds("")

# %% [markdown]
# ## 1.11 Stage II
#
# `model.stage_2` has the same parts as `model`, and one more: `image_noising_scheduler`. Its network takes
# **six** channels: $x_t$, the large noisy picture, and beside it the small picture, brought to the same size.
#
# $$ \epsilon_\theta\bigl( [\, x_t \,,\; y_s \,],\; t,\; s,\; \text{prompt} \bigr), \qquad
#    y_s = \sqrt{\bar\alpha_s}\; \mathrm{enlarge}(x_{64}) + \sqrt{1 - \bar\alpha_s}\; \eta . \tag{1} $$
#
# Why is there noise $\eta$ in the small picture too? Stage II was trained on small pictures made from
# real large ones. Those of stage I are a little different: they have errors of their own. Some noise hides the
# difference, and the network, which is *told* how much there is, trusts the small picture so much and no
# more. $s$ is called the **noise level**; it is fixed, while $t$ falls from step to step.
#
# | in the code | |
# |---|---|
# | `torch.nn.functional.interpolate(x, size, mode="bilinear", align_corners=True)` | enlarges as stage II was trained |
# | `model.image_noising_scheduler.add_noise(x, noise, torch.tensor([s]))` | the forward process for the small picture |
# | `torch.cat([x_t, y_s], dim=1)` | six channels; the picture to be denoised comes first |
# | `model.unet(six, t, encoder_hidden_states=…, class_labels=s, return_dict=False)[0]` | `[B, 6, H, W]`: noise and variance of $x_t$ |
#
# Guidance is as in stage I, with $\gamma = 4$ by default: for the noise, and the variance from the prompt's
# half. $y_s$ is prepared once; the loop changes only $x_t$.

# %% exercise="1.11"
def upsample(
    image_64, x_T, noise, model, prompt_embeds, null_embeds,
    noise_level=250, scale=4, timesteps=pset.STRIDED_TIMESTEPS,
):
    """Take small pictures to the size of x_T.

    Args:
        image_64: small pictures, [B, 3, h, w].
        x_T: standard normal noise, [B, 3, H, W]: where the loop begins.
        noise: standard normal noise for the enlarged pictures, [B, 3, H, W].
        model: stage II: model.unet, model.alphas_cumprod and model.image_noising_scheduler.
        prompt_embeds: the prompt, [1, 77, D] or [B, 77, D].
        null_embeds: the empty prompt, [1, 77, D].
        noise_level: the timestep to which the enlarged pictures are noised.
        scale: the guidance scale, gamma.
        timesteps: for the loop.

    Returns:
        The large pictures, [B, 3, H, W].
    """
    ### BEGIN SOLUTION
    size = x_T.shape[-2:]
    large = torch.nn.functional.interpolate(image_64, size, mode="bilinear", align_corners=True)
    level = torch.tensor([noise_level])
    y_s = model.image_noising_scheduler.add_noise(large, noise, level)

    def estimate(x_t, t):
        six = torch.cat([x_t, y_s], dim=1)
        options = {"class_labels": noise_level, "return_dict": False}
        conditional = model.unet(six, t, encoder_hidden_states=prompt_embeds, **options)[0]
        unconditional = model.unet(six, t, encoder_hidden_states=null_embeds, **options)[0]
        noise_c, variance = conditional.split(3, dim=1)
        noise_u, _ = unconditional.split(3, dim=1)
        return noise_u + scale * (noise_c - noise_u), variance

    return iterative_denoise(x_T, 0, estimate, model.alphas_cumprod, timesteps)
    ### END SOLUTION


# %% check="1.11"
check(
    "1.11",
    ### BEGIN HIDDEN TESTS
    hidden=True,  # other inputs, where the course keeps some
    ### END HIDDEN TESTS
)

# %% [markdown]
# Three small pictures, made with guidance as in the third notebook; below each a plain enlargement, and
# stage II. Few timesteps will do here: most of the picture is already known. For the same reason the loop
# need not begin with noise alone. As in image to image, it can begin with the enlarged picture and some noise.
# How much differs from model to model, and so do noise level and guidance: DeepFloyd begins at $t = 990$, with
# 250 and 4; the pocket model's second stage is weak where there is hardly anything but noise, and begins
# at $t = 300$, with 100 and no extra guidance ($\gamma = 1$). Look at outlines: stairs in the small
# picture, blur in the enlargement, and in stage II? Look also for what it has made up.

# %%
prompts = ["an oil painting of an old man", "a lithograph of a skull", "a photo of a tower"]
x_T = pset.noise((len(prompts), 3, 64, 64), device=model.device)
estimate = thresholded(model, guided(model, prompts))
small = iterative_denoise(x_T, 0, estimate, alphas_cumprod).clamp(-1, 1)
pset.show(small, prompts, name="1.11_small", scale=2)

# %% needs="1.11"
if model.name == "pocket":
    LEVEL, SCALE, FEW = 100, 1, pset.STRIDED_TIMESTEPS[23::2]  # 300, 240, …, 0
else:
    LEVEL, SCALE, FEW = 250, 4, pset.STRIDED_TIMESTEPS[::3]  # 990, 900, …, 0


def enlarge(pictures):
    """64 → 256 without any model."""
    return torch.nn.functional.interpolate(pictures, (256, 256), mode="bilinear", align_corners=True)


def to_256(pictures, prompts, noise_level=LEVEL):
    """Stage II of some small pictures."""
    shape = (len(pictures), 3, 256, 256)
    noise, more_noise = (pset.noise(shape, seed, model.device) for seed in (pset.SEED, pset.SEED + 1))
    x_t = model.stage_2.scheduler.add_noise(enlarge(pictures), noise, torch.tensor([FEW[0]]))
    embeds = model.prompt_embeds(prompts)
    return upsample(
        pictures, x_t, more_noise, model.stage_2, embeds, null_embeds, noise_level, SCALE, FEW
    )


with pset.your_code():
    large = to_256(small, prompts)
    figure = pset.rows([small, enlarge(small), large], [prompts, [], []],
                       row_titles=["64 × 64", "enlarged", "stage II"], scale=2.4)
    display(pset.publish(figure, "1.11_stage_2"))

# %% [markdown]
# How much may stage II make up? That is what the noise level decides.

# %% needs="1.11"
with pset.your_code():
    levels = [0, 100, 250, 500]
    by_level = [to_256(small[:1], prompts[:1], level) for level in levels]
    display(pset.show(by_level, [f"noise level {s}" for s in levels], name="1.11_levels", scale=2.4))

# %% [markdown]
# Now the pictures that you have chosen in the earlier notebooks: a sample, a guided one, an edit, an
# inpainting, an anagram, a hybrid. They lie in the folder `pictures`; if you work in Colab, upload them
# there first. Where a file's name holds a prompt, it is used; the others get the one that asks for nothing in
# particular. If there are none, the notebook makes some.

# %% needs="1.11"
with pset.your_code():
    files = sorted(Path("pictures").glob("*.png"))[:6]
    chosen = {file.stem: pset.read_image(file).to(model.device) for file in files}
    if not chosen:
        wishes = ["a photo of a panda", "a pencil sketch of a cake", "a watercolor of a castle"]
        x_T = pset.noise((len(wishes), 3, 64, 64), pset.SEED + 1, model.device)
        estimate = thresholded(model, guided(model, wishes))
        made = iterative_denoise(x_T, 0, estimate, alphas_cumprod).clamp(-1, 1)
        chosen = dict(zip(wishes, made.split(1)))

    for first in range(0, len(chosen), 3):  # three in a figure
        names = list(chosen)[first : first + 3]
        pictures = torch.cat([chosen[name] for name in names])
        texts = [name.lstrip("0123456789. ") for name in names]
        asked = [text if " of " in text else "a high quality photo" for text in texts]
        figure = pset.rows([pictures, enlarge(pictures), to_256(pictures, asked)], [names, [], []],
                           row_titles=["64 × 64", "enlarged", "stage II"], scale=2.4)
        display(pset.publish(figure, f"1.11_chosen_{first // 3 + 1}"))

# %% [markdown]
# **To think about.** Anagrams and hybrids need care here. Stage II is asked about the upright picture only,
# with one prompt. What could it do to the *other* reading of an anagram, or to the fine part of a hybrid?
# Going by what you have written in the notebooks before, how would you change `estimate` above so that
# both readings survive?

# %% [markdown] question="1.11-question"
# ### BEGIN SOLUTION
# Stage II adds the detail that makes its one prompt, in its one view, more plausible. Detail that serves
# the other reading looks like error to it and may be smoothed away or turned into something else: the
# upside-down reading gets weaker, the hybrid's fine part is redrawn. The cure is the one of stage I: ask
# for both views, or both scales, at every step, and put the answers together: mean of the estimates with the
# second view of x_t *and* of y_s turned and its answer turned back; for a hybrid low pass of one and high
# pass of the other, with a wider blur, as the picture is four times as large.
# ### END SOLUTION

# %% [markdown]
# ## What all this is used for
#
# You can now change a photograph so that hardly anyone sees it: replace what is in it, put something in, turn
# it into something else, in minutes. A reading, and a question to answer in words.
#
# **The case.** The write-up that this course follows discusses a task from computational photography: *write
# a program that takes a photograph of a person and makes the person more attractive*.
# Its author refuses the task as it stands, and proposes another. The argument, in short:
#
# * To carry it out, somebody has to say what is attractive: the researchers, people who are asked, or
#   whoever chose the training images. Whichever it is, the program makes **one standard** out of something that
#   depends on person, culture and time, and applies it to everybody's face.
# * A standard excludes. Who is far from it is shown so, each time, by a machine that many people
#   take for objective. Built into a service that millions use, it changes what a face is expected to look
#   like. The author names filters that reshape face and body, and what showing only one's best side has
#   already done to people's confidence.
# * So **rescope** it: improve the *image*, not the person. Light, colour balance, sharpness, resolution: there,
#   better and worse can be said without saying anything about who is in it. Leave features alone: skin, shape,
#   proportions. Say which changes were made, let people choose and refuse them, and offer styles as a means of
#   expression, not of correction.
#
# Three more points to weigh, which the techniques of this course bring with them:
#
# * **Consent.** Whose picture is it? A person in a photograph has not agreed to what a model makes of it;
#   nor have the artists whose works a model was trained on necessarily agreed to that. (The pocket model was
#   trained on drawings whose licences allow it; its folder names them.)
# * **Transparency.** What was changed, by which means, and can the original be seen?
# * **Labelling.** Generated or edited pictures can be marked, visibly or within the file. Marks can be
#   removed, and not everybody sets them; the absence of one proves nothing.

# %% [markdown]
# **Your answer** (about 300 words). (a) "Image quality" was meant to be the harmless goal. Take two of: light,
# colour balance, smoothing of noise, resolution, and show how a program for it, trained on pictures of some
# people more than of others, could still carry a standard for faces into its results. (Stage II *invents* the
# detail that it adds. What would it add to a face of a kind that it has hardly seen?) (b) Choose one technique of
# this course, and describe a use of it that you would support and one that you would refuse. Say for both
# who has to consent, what has to be disclosed and to whom, and how the result should be labelled. (c) Where do
# you disagree with the write-up's argument, or with its rescoping? Give the strongest reason that you can.

# %% [markdown] question="ethics-question"
# ### BEGIN SOLUTION
# Marked by the quality of the argument, not by the position taken. A good answer
#
# (a) names a mechanism, not only a worry. For instance: exposure and white balance that were tuned on light
# skin brighten or cool dark skin; a denoiser takes freckles, wrinkles or scars for noise, since in its training
# images they were rare or retouched, so "quality" smooths them; super-resolution fills in the most likely
# detail, that is, the features of those it has seen most, and makes a face look like them. What counts as
# quality was also judged by somebody. Ways out: measure errors separately by group, leave faces alone by
# default, show the original beside the result.
#
# (b) names a concrete use of, say, inpainting or image-to-image on each side (removing a scratch from one's own
# family photograph; putting a person where they have not been). Consent: of those shown and of the
# owner of the picture, and for publication separately from making it. Disclosure: to whoever relies on the
# picture as a record. Label: visible where it could be taken for a record, and in the file's metadata, with the
# limits of both.
#
# (c) gives a real reason: that people decide about their own faces, and make-up and lighting have always done
# this; that refusing a task leaves it to those with fewer scruples; that the line between image and person is not
# sharp (lighting changes a face); or, the other way, that opting out is no protection for people who are compared
# with filtered ones. It then says what follows from it for the design.
# ### END SOLUTION
