"""The problem set's helper package: models, noise, pictures, checks.

import pset

model = pset.load_model()                 # the pocket model; an id of DeepFloyd IF works too
x_t = pset.noise((1, 3, 64, 64))          # seed 180, the same on every machine
prompt_embeds = model.prompt_embeds("a high quality photo")
output = model.unet(x_t, 990, encoder_hidden_states=prompt_embeds, return_dict=False)[0]
"""

from pset._model.errors import ModelUnavailable, UnknownWordError
from pset._notebook.your_code import your_code
from pset.blur import gaussian_blur
from pset.checks.notebook import check
from pset.closed_form import ClosedFormModel
from pset.editor import load_editor
from pset.figures import publish, rows, show
from pset.guidance import guided
from pset.images import (
    photo,
    photo_names,
    read_image,
    resize,
    save_image,
    scene,
    scene_names,
    to_pil,
)
from pset.model import DiffusionModel, load_model
from pset.play.animation import animation
from pset.play.board import DrawingBoard
from pset.play.distance import growing_distance
from pset.play.film import Film
from pset.play.slider import slider
from pset.play.turning import turning
from pset.sampling import STRIDED_TIMESTEPS, iterative_denoise, step_variance
from pset.seeded_noise import SEED, noise, step_noise
from pset.thresholding import thresholded

__all__ = [
    "SEED",
    "STRIDED_TIMESTEPS",
    "ClosedFormModel",
    "DiffusionModel",
    "DrawingBoard",
    "Film",
    "ModelUnavailable",
    "UnknownWordError",
    "animation",
    "check",
    "gaussian_blur",
    "growing_distance",
    "guided",
    "iterative_denoise",
    "load_editor",
    "load_model",
    "noise",
    "photo",
    "photo_names",
    "publish",
    "read_image",
    "resize",
    "rows",
    "save_image",
    "scene",
    "scene_names",
    "show",
    "slider",
    "step_noise",
    "step_variance",
    "thresholded",
    "to_pil",
    "turning",
    "your_code",
]

__version__ = "0.2.0"
