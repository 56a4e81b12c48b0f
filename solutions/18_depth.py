# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Depth: a small camera move
#
# Take one step to the right, and everything you see changes a little: what's near moves a lot, what's far
# hardly moves, and from behind the near things something appears that was hidden. In this notebook you take
# that step in a *picture*. If you know how far away each pixel is, the first two are geometry. The third one
# isn't: what was hidden isn't in the picture. But you have a model that knows what pictures look like, and you
# know how to fill a hole.
#
# From the earlier notebooks you need the forward process,
# $x_t = \sqrt{\bar\alpha_t}\, x_0 + \sqrt{1 - \bar\alpha_t}\, \epsilon$, and inpainting, exercise 1.8: start
# from noise, and after each step put the known pixels back, with the noise of the timestep that the image has
# arrived at. The loop is the course's:
#
# `iterative_denoise(image, i_start, estimate, alphas_cumprod, after_step=…)`,
#
# with `after_step(image, t')`. Everything here also runs on DeepFloyd if you have a GPU: give
# `pset.load_model` below one argument, `"DeepFloyd/IF-I-L-v1.0"`.

# %% setup=true
import torch
from IPython.display import display
from PIL import Image, ImageDraw

import pset
from pset import check, guided, iterative_denoise, thresholded

# %%
model = pset.load_model()
alphas_cumprod = model.alphas_cumprod

# %% [markdown]
# ## 2.25 Where each pixel goes
#
# A camera with *focal length* $f$, in pixels, sees the point $(X, Y, Z)$ at
#
# $$ x = c_x + f\,\frac{X}{Z}, \qquad y = c_y + f\,\frac{Y}{Z} , \tag{1} $$
#
# where $Z$ is the point's *depth*, its distance straight ahead, and $(c_x, c_y)$ is the middle of the picture.
# $X$ is to the right and $Y$ down, as $x$ and $y$ are. If you know a pixel's depth, you can go the other way,
# from the pixel back to its point.
#
# Now the camera moves by $(m_x, m_y, m_z)$: to the right, down, and forward. For the camera it looks as if the
# *points* had moved, by the same amount, the other way. Where does it see them?
#
# * The pixels of a row are numbered $0, 1, \ldots, W-1$, so the middle is $c_x = (W - 1)/2$, and
#   $c_y = (H - 1)/2$.
# * A test for your formula: if the camera moves sideways by $m_x$ and everything is on a wall at depth $Z$, the
#   whole picture moves by $f\, m_x / Z$ pixels. To which side?

# %% exercise="2.25"
def project(depth, motion, focal):
    """Where a camera that has moved sees each pixel of a picture.

    Args:
        depth: how far away each pixel is, [B, 1, H, W]; farther than the camera moves forward.
        motion: how far the camera moves, in the same units: a list of three numbers, right, down, forward.
        focal: the focal length f, in pixels.

    Returns:
        For each pixel, where the moved camera sees it, [B, 3, H, W]: x (its column), y (its row), and its
        depth. The positions needn't be whole, and may be outside of the picture.
    """
    ### BEGIN SOLUTION
    height, width = depth.shape[-2:]
    right, down, forward = motion
    c_x, c_y = (width - 1) / 2, (height - 1) / 2
    x = torch.arange(width, device=depth.device)
    y = torch.arange(height, device=depth.device)[:, None]
    X, Y = (x - c_x) * depth / focal, (y - c_y) * depth / focal
    Z = depth - forward
    return torch.cat([c_x + focal * (X - right) / Z, c_y + focal * (Y - down) / Z, Z], dim=1)
    ### END SOLUTION


# %% check="2.25"
check(
    "2.25",
    ### BEGIN HIDDEN TESTS
    hidden=True,  # other inputs, where the course keeps some
    ### END HIDDEN TESTS
)

# %% [markdown]
# ## 2.25b Nearer wins
#
# Now carry each pixel's colour to where it goes. It isn't a lookup, as when you resize an image: there, each
# *new* pixel asks where it comes from, and everyone gets an answer. Here, each *old* pixel says where it goes.
# So some places get several pixels, and some get none.
#
# * Round the positions to the nearest whole pixel. Whatever leaves the picture is gone.
# * Where several pixels arrive, you see the nearest one: the one with the smallest depth. (Graphics cards do
#   it like that: for each place they keep the smallest depth so far, in the *z-buffer*.)
# * Where none arrives, leave 0. These are the *holes*.

# %% exercise="2.25b"
def splat(image, projected):
    """Carry each pixel to where the moved camera sees it; nearer pixels hide those behind.

    Args:
        image: images, [B, C, H, W].
        projected: for each pixel x, y and depth, as `project` gives them, [B, 3, H, W]. (If B is more than
            1, each image has its own.)

    Returns:
        What the moved camera sees, [B, C, H, W], and 0 where nothing arrives.
    """
    ### BEGIN SOLUTION
    height, width = image.shape[-2:]
    moved = torch.zeros_like(image)
    for source, (x, y, depth), target in zip(image, projected, moved):
        x, y = x.round().long(), y.round().long()
        inside = (x >= 0) & (x < width) & (y >= 0) & (y < height)
        place = (y * width + x)[inside]
        z_buffer = torch.full((height * width,), torch.inf, device=depth.device)
        z_buffer = z_buffer.scatter_reduce(0, place, depth[inside], "amin")
        seen = depth[inside] == z_buffer[place]
        target.flatten(1)[:, place[seen]] = source[:, inside][:, seen]
    return moved
    ### END SOLUTION


# %% check="2.25b"
check(
    "2.25b",
    ### BEGIN HIDDEN TESTS
    hidden=True,  # other inputs, where the course keeps some
    ### END HIDDEN TESTS
)

# %% [markdown]
# Here's a scene to try it on: two balls before a wall with a photograph on it. It's computed, ray by ray, so we
# know the depth of every pixel. And we can compute what the moved camera *should* see. The last picture shows
# where yours is different.

# %%
FOCAL = 70


def scene(camera, size=64):
    """What a camera moved by `camera` sees, [1, 3, H, W], and the depth of each pixel, [1, 1, H, W]."""
    at = torch.tensor(camera)
    middle = (size - 1) / 2
    y, x = torch.meshgrid(torch.arange(size), torch.arange(size), indexing="ij")
    ray = torch.stack([(x - middle) / FOCAL, (y - middle) / FOCAL, torch.ones(size, size)])
    wall = 6.0
    X, Y, _ = at[:, None, None] + (wall - at[2]) * ray
    where = torch.stack([X, Y], dim=-1)[None] / 3.6
    poster = pset.photo("rocket", 128)
    image = torch.nn.functional.grid_sample(
        poster, where, align_corners=False, padding_mode="reflection"
    )
    depth = torch.full((1, 1, size, size), wall - camera[2])
    light = torch.tensor([-0.5, -0.7, -0.5])
    for centre, radius, colour in [
        ((-0.75, 0.5, 3.6), 0.62, (0.9, 0.3, -0.4)),
        ((0.55, 0.2, 2.6), 0.42, (0.1, 0.7, 0.5)),
    ]:
        # |at + s·ray − centre| = radius, a quadratic equation for s; the depth is s.
        to = torch.tensor(centre) - at
        along, square = torch.einsum("c,chw->hw", to, ray), (ray**2).sum(0)
        inside = along**2 - square * (to @ to - radius**2)
        s = (along - inside.clamp_min(0).sqrt()) / square
        normal = (s * ray - to[:, None, None]) / radius
        bright = torch.einsum("c,chw->hw", light, normal).clamp_min(0) * 0.8 + 0.2
        ball = (torch.tensor(colour)[:, None, None] + 1) * bright - 1
        nearer = (inside > 0) & (s < depth)
        image = torch.where(nearer, ball[None], image)
        depth = torch.where(nearer, s, depth)
    return image, depth


def as_grey(depth):
    """Depth as a picture: near is bright."""
    return (2 * (1 / depth - 1 / depth.max()) / (1 / depth.min() - 1 / depth.max()) - 1).expand(-1, 3, -1, -1)


balls, depth = scene((0.0, 0.0, 0.0))
pset.show([balls, as_grey(depth)], ["the scene", "its depth"], name="2.25_scene")

# %% needs="2.25,2.25b"
MOVE = [0.35, 0.0, 0.0]
with pset.your_code():
    truth, _ = scene(tuple(MOVE))
    projected = project(depth, MOVE, FOCAL)
    moved = splat(balls, projected)
    arrived = splat(torch.ones_like(balls), projected)
    red = torch.tensor([1.0, -1.0, -1.0])[:, None, None]
    shown = torch.where(arrived > 0, moved, red)
    off = torch.where(arrived > 0, 3 * (moved - truth).abs() - 1, -torch.ones(()))
    captions = ["before", "one step to the right", "what should be seen", "difference × 3"]
    display(pset.show([balls, shown, truth, off], captions, name="2.25_moved"))

# %% [markdown]
# The red pixels are the holes. Some are what was hidden, and some are at the border, where the camera sees what
# was outside of the picture before. There may also be thin cracks, where neighbouring pixels have been pulled
# apart by a bit more than one pixel.
#
# **Question.** (a) On which side of each ball is its hole, and why is one wider than the other? (b) Somebody
# looks up the colours the other way round: each pixel of the new picture takes the colour from where *its own*
# depth, in the *old* picture, says. What goes wrong, and where? (c) Your difference isn't 0 everywhere outside
# the holes. Name two reasons.

# %% [markdown] question="2.25-question"
# ### BEGIN SOLUTION
# (a) The camera moves to the right, so everything moves to the left, the balls more than the wall. Each ball
# uncovers some of the wall on its right. The hole is as wide as the ball's motion minus the wall's,
# f·m·(1/Z_ball − 1/Z_wall): the nearer ball's is wider.
#
# (b) A place in the new picture shows a point that was somewhere else in the old one, so its depth in the new
# picture isn't what the old picture has at that place. Beside a ball, the depths of ball and wall get mixed up. On
# the side it moves towards, the ball hasn't moved far enough, and a strip of it is missing: there, the old picture
# has the wall's depth. On the side it has left, a strip of the wall is seen twice, and that fills the hole. There
# are no holes, so nobody would notice what's missing.
#
# (c) Positions are rounded to whole pixels, so things are up to half a pixel off: it shows at edges, and in the
# poster's fine detail. And pixels of the far layer can be seen through cracks in a near one. (In a photograph there
# would be two more reasons: a pixel at an edge mixes near and far, but moves as if it were one of them, and
# reflections depend on where you stand.)
# ### END SOLUTION

# %% [markdown]
# ## 2.25c What was hidden
#
# Now fill the holes, by inpainting. You only need the mask, and for that there's a trick: *splat an image of
# ones*. Where it's still 0, nothing has arrived.
#
# Your function doesn't have to know about cameras. It gets a function, `move(image)`, that moves any images of
# this size and leaves 0 where nothing arrives; for example, your own `splat` with `projected` already filled in.
# Start from `noise`, and after each step put the moved image back: with this same noise at the timestep that the
# image has arrived at, and exactly at the end.

# %% exercise="2.25c"
def fill_hidden(image, move, estimate, alphas_cumprod, noise):
    """What the moved camera sees, with the holes filled in by the model.

    Args:
        image: the images before the move, [B, 3, H, W].
        move: a function; move(images) is what the moved camera sees of images [B, C, H, W], and 0 where
            nothing arrives.
        estimate: a function; estimate(x_t, t) gives the noise and the variance channels.
        alphas_cumprod: the schedule, [1000].
        noise: standard normal noise, [B, 3, H, W]: the start of the loop, and of the pixels put back.

    Returns:
        The images, [B, 3, H, W]: where something arrives, exactly what arrives; elsewhere, new content.
    """
    ### BEGIN SOLUTION
    moved = move(image)
    holes = 1 - move(torch.ones_like(image))

    def paste(x, t):
        alpha_bar = alphas_cumprod[t]
        known = alpha_bar.sqrt() * moved + (1 - alpha_bar).sqrt() * noise
        return holes * x + (1 - holes) * (moved if t == 0 else known)

    return iterative_denoise(noise, 0, estimate, alphas_cumprod, after_step=paste)
    ### END SOLUTION


# %% check="2.25c"
check(
    "2.25c",
    ### BEGIN HIDDEN TESTS
    hidden=True,  # other inputs, where the course keeps some
    ### END HIDDEN TESTS
)

# %% [markdown]
# Who tells you the depth of a photograph? There are networks for that. Here you draw it: a polygon for each
# thing, and how far away it is. The depth doesn't have to be right in numbers: it has to be right about what's
# in front of what. And for a picture from the model, on a plain ground, a simple rule will do: whatever doesn't
# have the colour of the border is near.

# %%
def drawn_depth(far, *layers):
    """A depth map, [1, 1, 64, 64]: `far`, and polygons (depth, points in 0 … 64) in front of it."""
    canvas = Image.new("F", (64, 64), far)
    for nearer, points in layers:
        ImageDraw.Draw(canvas).polygon(points, fill=nearer)
    return torch.tensor(list(canvas.getdata())).reshape(1, 1, 64, 64)


def depth_by_colour(image, far=5.0, near=2.5):
    """`near` where the colour isn't the border's, `far` elsewhere, [1, 1, 64, 64]."""
    border = torch.cat([image[..., 0, :], image[..., -1, :], image[..., 0], image[..., -1]], dim=-1)
    ground = border.median(dim=-1).values[..., None, None]
    unlike = ((image - ground).abs().amax(dim=1, keepdim=True) > 0.25).float()
    # A pixel wider, so that no seam of mixed colours stays behind.
    unlike = torch.nn.functional.max_pool2d(unlike, 3, stride=1, padding=1)
    return unlike * near + (1 - unlike) * far


person = [2, 64, 0, 40, 10, 35, 13, 27, 21, 25, 15, 18, 17, 6, 24, 2, 33, 3, 40, 10, 40, 18, 36, 24, 41, 33, 42, 41, 49, 50, 51, 64]
shuttle = [48, 50, 49, 38, 53, 30, 53, 10, 57, 0, 63, 4, 63, 50]
astronaut = pset.photo("astronaut")
astronaut_depth = drawn_depth(6, (4.5, shuttle), (2.5, person))
pset.show([astronaut, as_grey(astronaut_depth)], ["photograph", "depth, drawn"], name="2.25_drawn")

# %% [markdown]
# Now move the camera from left to right. There are three pictures: the scene with the balls, the photograph, and
# a sample from the model. Each is shown with its holes, and filled in. Move the slider, or let it play.
# (It takes a minute or two.)

# %% needs="2.25,2.25b,2.25c"
STEPS = [-0.35, -0.15, 0.0, 0.15, 0.35]
PROMPTS = ["a high quality photo", "a photo of a young lady", "a photo of a mushroom"]


def view(image, depth, prompt, motion):
    """The picture from the moved camera, with its holes and with the holes filled."""
    image, depth = image.to(model.device), depth.to(model.device)
    projected = project(depth, motion, FOCAL)
    noise = pset.noise(image.shape, device=model.device)
    estimate = thresholded(model, guided(model, prompt, scale=1))
    filled = fill_hidden(image, lambda x: splat(x, projected), estimate, alphas_cumprod, noise)
    return splat(image, projected), filled


with pset.your_code():
    x_T = pset.noise((1, 3, 64, 64), device=model.device)
    mushroom = thresholded(model, guided(model, PROMPTS[2]))
    sampled = iterative_denoise(x_T, 0, mushroom, alphas_cumprod).cpu()
    pictures = [balls, astronaut, sampled]
    depths = [depth, astronaut_depth, depth_by_colour(sampled)]
    columns = []
    for step in STEPS:
        seen = [
            view(x, z, prompt, [step, 0.0, 0.0]) if step else (x.to(model.device),) * 2
            for x, z, prompt in zip(pictures, depths, PROMPTS)
        ]
        columns.append(torch.cat([x for pair in seen for x in pair]))
    captions = [f"camera at {step:+.2f}" if step else "camera at 0" for step in STEPS]
    figure = pset.rows(list(zip(*columns)), [captions, *[[]] * 5], ["holes", "filled"] * 3, scale=1.1)
    still = pset.publish(figure, "2.25_views")
    display(pset.slider(columns, captions, "camera", still, columns=2, scale=3))

# %% [markdown]
# Only the filled pictures, as an animation:

# %% needs="2.25,2.25b,2.25c"
with pset.your_code():
    videos = torch.stack(columns).unbind(dim=1)[1::2]
    titles = ["the scene", "the photograph", "the sample"]
    display(pset.animation(videos, titles, name="2.25_camera"))

# %% [markdown]
# **Choose** a photograph of your own, or another one of the course's, draw its depth, and move the camera: in
# any direction, also forward. Here's the cup of coffee, seen from further up.

# %% needs="2.25,2.25b,2.25c"
coffee = pset.photo("coffee")
cup = [11, 12, 12, 7, 20, 3, 30, 2, 40, 5, 46, 10, 49, 16, 47, 30, 40, 37, 31, 41, 22, 39, 17, 33, 13, 22]
saucer = [3, 16, 10, 12, 48, 14, 57, 20, 61, 30, 58, 45, 50, 56, 36, 62, 20, 61, 9, 54, 2, 42, 0, 28]
coffee_depth = drawn_depth(3.2, (3.0, saucer), (2.3, cup))
with pset.your_code():
    before, chosen = view(coffee, coffee_depth, "a photo of a mug", [0.1, -0.25, 0.0])
    captions = ["photograph", "depth, drawn", "from further up", "filled"]
    row = [coffee, as_grey(coffee_depth), before.cpu(), chosen.cpu()]
    display(pset.show(row, captions, name="2.25_own"))
    pset.save_image(chosen, "pictures/2.25 camera.png")

# %% [markdown]
# **Question.** (a) Where did the model fill a hole so that you wouldn't notice, and where didn't it? What's the
# difference between these holes? (b) The cameras at +0.15 and +0.35 both see some of what was hidden, and each
# view was filled by itself. Is the same thing there in both? Suggest a way to make sure. (c) If you can't draw an
# outline exactly, should the near thing's be a little too large or a little too small? Think of what happens to
# the pixels in between.

# %% [markdown] question="2.25c-question"
# ### BEGIN SOLUTION
# (a) Any honest description. Plain ground (a sky, a wall, an even colour) usually works: the surroundings say
# nearly everything about it. Where the hole lies between two things, or is wide, or at the picture's border
# with little around it, the model has to invent a shape, and it may grow a piece of the near thing into the
# hole instead of continuing what's behind it: nothing tells it that the hole is *behind*.
#
# (b) No: with the same noise they're alike, but each was made to fit its own surroundings. One way: fill the
# widest hole first, give the new pixels a depth (that of the background beside them), add them to the points of
# the scene, and project all of them into the other cameras. What has been invented once is then part of the
# scene. (Repeating this for every step of the camera, so that it moves on and on, is how people fly through a
# single picture.)
#
# (c) A little too large. Then a thin rim of background moves along with the near thing, and on plain ground
# nobody sees that. If it's too small, the near thing's edge stays behind with the background: a ghostly
# outline beside the hole, which the model takes for something to be continued.
# ### END SOLUTION
