# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # The second stage, and what these models are used for
#
# Your pictures are 64 × 64. A **cascade** makes large pictures in two stages: the first one decides what's
# in the picture, and the second takes the small picture to 256 × 256 and adds the detail that a small one
# can't hold. The second stage is a diffusion model too. It runs in the loop you know, with one more input
# to look at. At the end of the notebook there's a question about how such tools are used.

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
# `model.stage_2` has the same parts as `model`, plus one: `image_noising_scheduler`. Its network takes
# **six** channels: $x_t$, the large noisy picture, followed by the small picture, enlarged to the same
# size.
#
# $$ \epsilon_\theta\bigl( [\, x_t \,,\; y_s \,],\; t,\; s,\; \text{prompt} \bigr), \qquad
#    y_s = \sqrt{\bar\alpha_s}\; \mathrm{enlarge}(x_{64}) + \sqrt{1 - \bar\alpha_s}\; \eta . \tag{1} $$
#
# Why is there noise $\eta$ on the small picture too? Stage II was trained on small pictures made from real
# large ones. The ones from stage I are a little different: they have errors of their own. Some noise hides
# the difference. And since the network is *told* how much noise there is, it knows how far to trust the
# small picture. $s$ is called the **noise level**; it stays fixed while $t$ falls from step to step.
#
# | in the code | |
# |---|---|
# | `torch.nn.functional.interpolate(x, size, mode="bilinear", align_corners=True)` | enlarges the way stage II was trained |
# | `model.image_noising_scheduler.add_noise(x, noise, torch.tensor([s]))` | the forward process for the small picture |
# | `torch.cat([x_t, y_s], dim=1)` | six channels; the picture you're denoising comes first |
# | `model.unet(six, t, encoder_hidden_states=…, class_labels=s, return_dict=False)[0]` | `[B, 6, H, W]`: noise and variance of $x_t$ |
#
# Guidance works as in stage I, with $\gamma = 4$ by default: it applies to the noise, and the variance
# comes from the prompt's output. Prepare $y_s$ once; the loop changes only $x_t$. There are two schedules:
# $\bar\alpha_s$ comes from the noising scheduler, and the loop runs on `model.alphas_cumprod`. Don't clip
# anything.

# %% exercise="1.11"
def upsample(
    image_64, x_T, noise, model, prompt_embeds, null_embeds,
    noise_level=250, scale=4, timesteps=pset.STRIDED_TIMESTEPS,
):
    """Upsample small pictures to the size of x_T.

    Args:
        image_64: small pictures, [B, 3, h, w].
        x_T: standard normal noise, [B, 3, H, W]: the starting point of the loop.
        noise: standard normal noise for the enlarged pictures, [B, 3, H, W].
        model: stage II, with model.unet, model.alphas_cumprod and model.image_noising_scheduler.
        prompt_embeds: the embedding of the prompt, [1, 77, D] or [B, 77, D].
        null_embeds: the embedding of the empty prompt, [1, 77, D].
        noise_level: the timestep to which you noise the enlarged pictures.
        scale: the guidance scale, gamma.
        timesteps: integers in decreasing order, for the loop.

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
    hidden=True,  # use the course's hidden inputs, if there are any
    ### END HIDDEN TESTS
)

# %% [markdown]
# Here are three small pictures, made with guidance as in the third notebook; below each of them a plain
# enlargement, and stage II. You don't need many timesteps here, because most of the picture is already
# known. For the same reason the loop doesn't have to start from pure noise. As in image to image, it can
# start from the enlarged picture with some noise on it. How much noise depends on the model, and so do the
# noise level and the guidance. DeepFloyd starts at $t = 990$, with noise level 250 and $\gamma = 4$. The
# pocket model's second stage is weak where there's hardly anything but noise, so it starts at $t = 300$,
# with noise level 100 and no extra guidance ($\gamma = 1$). Look at the outlines: jagged in the small
# picture, blurred in the enlargement, and in stage II? Also look for things it has made up.

# %%
prompts = ["an oil painting of an old man", "a lithograph of a skull", "a photo of a tower"]
x_T = pset.noise((len(prompts), 3, 64, 64), device=model.device)
estimate = thresholded(model, guided(model, prompts))
small = iterative_denoise(x_T, 0, estimate, alphas_cumprod).clamp(-1, 1)
pset.show(small, prompts, name="1.11_small", scale=2)

# %% needs="1.11"
if model.name == "pocket":
    LEVEL, SCALE, TIMESTEPS = 100, 1, pset.STRIDED_TIMESTEPS[23::2]  # 300, 240, …, 0
else:
    LEVEL, SCALE, TIMESTEPS = 250, 4, pset.STRIDED_TIMESTEPS[::3]  # 990, 900, …, 0


def enlarge(pictures):
    """Enlarge pictures to 256 × 256 by interpolation, without any model."""
    return torch.nn.functional.interpolate(pictures, (256, 256), mode="bilinear", align_corners=True)


def to_256(pictures, prompts, noise_level=LEVEL):
    """Upsample pictures to 256 × 256 with stage II."""
    shape = (len(pictures), 3, 256, 256)
    noise, more_noise = (pset.noise(shape, seed, model.device) for seed in (pset.SEED, pset.SEED + 1))
    x_t = model.stage_2.scheduler.add_noise(enlarge(pictures), noise, torch.tensor([TIMESTEPS[0]]))
    embeds = model.prompt_embeds(prompts)
    return upsample(
        pictures, x_t, more_noise, model.stage_2, embeds, null_embeds, noise_level, SCALE, TIMESTEPS
    )


with pset.your_code():
    large = to_256(small, prompts)
    figure = pset.rows([small, enlarge(small), large], [prompts, [], []],
                       row_titles=["64 × 64", "interpolated", "stage II"], scale=2.4)
    display(pset.publish(figure, "1.11_stage_2"))

# %% [markdown]
# How much is stage II allowed to make up? The noise level decides that.

# %% needs="1.11"
with pset.your_code():
    levels = [0, 100, 250, 500]
    by_level = [to_256(small[:1], prompts[:1], level) for level in levels]
    display(pset.show(by_level, [f"noise level {s}" for s in levels], name="1.11_levels", scale=2.4))

# %% [markdown]
# Now the pictures you chose in the earlier notebooks: a sample, a guided one, an edit, an inpainting, an
# anagram, a hybrid. They're in the folder `pictures`; if you work in Colab, upload them there first. If a
# file's name contains a prompt, we use it; the others get the prompt that doesn't ask for anything in
# particular. If there aren't any pictures, the notebook makes some.

# %% needs="1.11"
with pset.your_code():
    files = sorted(Path("pictures").glob("*.png"))[:6]
    chosen = {file.stem: pset.read_image(file).to(model.device) for file in files}
    if not chosen:
        new = ["a photo of a panda", "a pencil sketch of a cake", "a watercolor of a castle"]
        x_T = pset.noise((len(new), 3, 64, 64), pset.SEED + 1, model.device)
        estimate = thresholded(model, guided(model, new))
        samples = iterative_denoise(x_T, 0, estimate, alphas_cumprod).clamp(-1, 1)
        chosen = dict(zip(new, samples.split(1)))

    for first in range(0, len(chosen), 3):  # three pictures per figure
        names = list(chosen)[first : first + 3]
        pictures = torch.cat([chosen[name] for name in names])
        titles = [name.lstrip("0123456789. ") for name in names]
        from_names = [title if " of " in title else "a high quality photo" for title in titles]
        large = to_256(pictures, from_names)
        figure = pset.rows([pictures, enlarge(pictures), large], [names, [], []],
                           row_titles=["64 × 64", "interpolated", "stage II"], scale=2.4)
        display(pset.publish(figure, f"1.11_chosen_{first // 3 + 1}"))

# %% [markdown]
# **Question.** Anagrams and hybrids need care here. Stage II is only asked about the upright picture, with
# one prompt. What could it do to the *other* reading of an anagram, or to the fine part of a hybrid? Based
# on what you wrote in the earlier notebooks, how would you change `estimate` above so that both readings
# survive?

# %% [markdown] question="1.11-question"
# ### BEGIN SOLUTION
# Stage II adds the detail that makes its one prompt, in its one view, more plausible. Detail that serves
# the other reading looks like an error to it, so it may smooth that detail away or turn it into something
# else: the upside-down reading gets weaker, the hybrid's fine part is redrawn. The fix is the same as in
# stage I: at every step, ask for both views, or both scales, and combine the answers. For an anagram, take
# the mean of the estimates, where the second view turns both x_t *and* y_s and its answer is turned back.
# For a hybrid, low-pass one and high-pass the other, with a wider blur, since the picture is four times as
# large.
# ### END SOLUTION

# %% [markdown]
# ## What these models are used for
#
# You can now change a photograph so that hardly anyone notices: replace what's in it, add something, or
# turn it into something else, all within minutes. So here's a reading, and a question to answer in words.
#
# **The case.** The write-up (the student report that this part of the course follows) discusses a task from
# computational photography: *write a program that takes a photograph of a person and makes the person more
# attractive*. Its author refuses the task as it stands, and proposes a different one. In short, the
# argument goes like this:
#
# * To carry out the task, somebody has to say what's attractive: the researchers, the people in a survey,
#   or whoever chose the training images. Whoever it is, the program takes something that depends on person,
#   culture and time, makes **one standard** out of it, and applies that to everybody's face.
# * A standard excludes. People who are far from it are told so every time, by a machine that many take to
#   be objective. Built into a service with millions of users, it changes what a face is expected to look
#   like. The author mentions filters that reshape face and body, and what it has already done to people's
#   confidence that everyone shows only their best side.
# * So **rescope** it: improve the *image*, not the person. For light, colour balance, sharpness and
#   resolution you can say what's better and what's worse without saying anything about who is in the
#   picture. Leave features alone: skin, shape, proportions. Tell people which changes were made, let them
#   choose and opt out, and offer styles as a means of expression, not of correction.
#
# The techniques in this course raise three more points to weigh:
#
# * **Consent.** Whose picture is it? A person in a photograph hasn't agreed to what a model makes of it.
#   Nor have the artists whose works a model was trained on necessarily agreed to that. (The pocket model
#   was trained on drawings whose licences allow it; its folder names them.)
# * **Transparency.** What was changed, by what means, and can you see the original?
# * **Labelling.** You can mark generated or edited pictures, visibly or inside the file. But marks can be
#   removed, and not everybody adds them, so the absence of one proves nothing.

# %% [markdown]
# **Your answer** (about 300 words). (a) "Image quality" was meant to be the harmless goal. Take two of
# these: light, colour balance, noise reduction, resolution. Show how a program for it, trained on pictures
# of some people more than of others, could still carry a standard for faces into its results. (Stage II
# *invents* the detail it adds. What would it add to a kind of face it has hardly ever seen?) (b) Choose one
# technique from this course. Describe one use of it that you'd support and one that you'd refuse. For both,
# say who has to consent, what has to be disclosed and to whom, and how the result should be labelled. (c)
# Where do you disagree with the write-up's argument, or with its rescoping? Give the strongest reason you
# can.

# %% [markdown] question="ethics-question"
# ### BEGIN SOLUTION
# Graded on the quality of the argument, not on the position. A good answer
#
# (a) names a mechanism, not just a worry. For example: exposure and white balance tuned on light skin make
# dark skin too bright or too cool; a denoiser takes freckles, wrinkles or scars for noise because they were
# rare or retouched in its training images, so "quality" smooths them away; super-resolution fills in the
# most likely detail, which means the features of the people it has seen most, and makes a face look like
# theirs. And somebody also judged what counts as quality. Ways out: measure errors separately by group,
# leave faces alone by default, show the original next to the result.
#
# (b) names a concrete use of, say, inpainting or image-to-image on each side (removing a scratch from your
# own family photograph; putting a person somewhere they've never been). Consent: from the people shown and
# from the owner of the picture, and separately for making it and for publishing it. Disclosure: to anyone
# who relies on the picture as a record. Label: visible wherever the picture could be taken for a record,
# and in the file's metadata, with the limits of both.
#
# (c) gives a real reason: that people get to decide about their own faces, and make-up and lighting have
# always done this; that refusing a task leaves it to people with fewer scruples; that the line between
# image and person isn't sharp (lighting changes a face); or, from the other side, that opting out doesn't
# protect people who are compared with filtered ones. It then says what follows from that for the design.
# ### END SOLUTION
