"""Instruction pairs from the training world: a scene drawn twice with one thing changed.

Everything else is the same to the pixel: place, light, background, drawings. So a pair is exact,
which pairs made by a model never are, and costs as much as two training pictures. Instructions are
written with the words of the pocket model's vocabulary.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import numpy as np

from training.data import compositions, grammar, mixture, pictures, styles
from training.data.grammar import ATTRIBUTES, RELATIONS, SETTINGS, STYLES, SUBJECTS, Scene
from training.data.layers import Layer
from training.data.parts import Parts, part
from training.data.pictures import DARK, SEED
from training.data.stream import SIZE, Stream

# (step, number of pairs, generator) -> pairs uint8 [B, 6, S, S], before and after, and their
# instructions
PairChooser = Callable[[int, int, np.random.Generator], tuple[np.ndarray, list[str]]]


class Edit(NamedTuple):
    """Two scenes that differ in one thing, and the instruction that leads from one to the other."""

    before: Scene
    instruction: str
    after: Scene


def pick(rng: np.random.Generator, options: Sequence):
    """One of them."""
    return options[int(rng.integers(len(options)))]


# --- what can be changed -------------------------------------------------------------------------


def name(which: int) -> str:
    """A subject's canonical noun, without an article."""
    return SUBJECTS[which].names[0][0]


def worn(which: int) -> str:
    """What's worn, with its article: "a hat", "glasses"."""
    return ATTRIBUTES[which][0].removeprefix("wearing ")


def swapped(rng: np.random.Generator, old: str, new: str, alone: bool) -> str:
    """An instruction to put a thing (with its article) in the place of another (without)."""
    options = [f"make the {old} {new}", f"turn the {old} into {new}",
               f"replace the {old} with {new}", f"swap the {old} with {new}"]  # fmt: skip
    if alone:
        options += [f"make it {new}", f"turn it into {new}"]
    return pick(rng, options)


def swap_subject(style: int, rng: np.random.Generator) -> Edit:
    """Another thing in the same place; of two things, one stays."""
    things = compositions.things()
    scene = Scene(pick(rng, things), style)
    if rng.random() < 0.5:
        while scene.relation < 0:
            scene = compositions.random_scene(style, rng)
    if scene.relation < 0:
        new = pick(rng, [i for i in things if i != scene.subject])
        said = swapped(rng, name(scene.subject), grammar.with_article(name(new)), alone=True)
        return Edit(scene, said, replace(scene, subject=new))
    firsts, seconds = compositions.fitting(scene.relation)
    flavour = RELATIONS[scene.relation][1] == "flavour"  # a cake is always a cake
    first = flavour or rng.random() < 0.5
    fitting = (firsts if first else seconds) or things
    old = scene.subject if first else scene.other
    new = pick(rng, [i for i in fitting if i not in scene.subjects])
    after = replace(scene, **{"subject" if first else "other": new})
    if flavour:
        said = swapped(rng, f"{name(old)} cake", grammar.with_article(f"{name(new)} cake"), True)
    else:
        said = swapped(rng, name(old), grammar.with_article(name(new)), alone=False)
    return Edit(scene, said, after)


def change_worn(style: int, rng: np.random.Generator) -> Edit:
    """Something to wear is put on, taken off, or swapped."""
    wearers = [i for i in compositions.things() if SUBJECTS[i].wears]
    bare = Scene(pick(rng, wearers), style)
    old, new = (int(k) for k in rng.permutation(len(ATTRIBUTES))[:2])
    wearing, other = (replace(bare, attribute=k) for k in (old, new))
    kind, noun = rng.random(), worn(old).removeprefix("a ")
    if kind < 0.5:
        return Edit(bare, pick(rng, [f"add {worn(old)}", f"with {worn(old)}"]), wearing)
    if kind < 0.7:
        return Edit(wearing, pick(rng, [f"without the {noun}", f"without {worn(old)}"]), bare)
    return Edit(wearing, swapped(rng, noun, worn(new), alone=False), other)


def change_setting(style: int, rng: np.random.Generator) -> Edit:
    """The same things in another setting, or in one at all."""
    scene = Scene(pick(rng, compositions.things()), style)
    if rng.random() < 0.4:
        scene = compositions.random_scene(style, rng)
    other = pick(rng, [k for k in range(len(SETTINGS)) if k != scene.setting])
    return Edit(scene, f"make it {SETTINGS[other]}", replace(scene, setting=other))


def change_style(style: int, rng: np.random.Generator) -> Edit:
    """The same picture in another style."""
    scene = Scene(int(rng.integers(len(SUBJECTS))), style)
    if rng.random() < 0.4:
        scene = compositions.random_scene(style, rng)
    other = pick(rng, [k for k in range(len(STYLES)) if k != style])
    new = grammar.with_article(STYLES[other][0])
    said = pick(rng, [f"make it {new}", f"turn it into {new}"])
    return Edit(scene, said, replace(scene, style=other))


KINDS: dict[Callable[[int, np.random.Generator], Edit], float] = {
    swap_subject: 0.4,
    change_worn: 0.2,
    change_setting: 0.2,
    change_style: 0.2,
}


def random_edit(rng: np.random.Generator) -> Edit:
    """Any edit, as often as it's trained on."""
    style = int(rng.choice(len(STYLES), p=mixture.STYLE_SHARES))
    kind = pick_by_share(rng)
    return kind(style, rng)


def pick_by_share(rng: np.random.Generator) -> Callable[[int, np.random.Generator], Edit]:
    """One of the kinds of edits."""
    return list(KINDS)[int(rng.choice(len(KINDS), p=list(KINDS.values())))]


# --- the two pictures ----------------------------------------------------------------------------


def bareheaded(scene: Scene, size: int, root: Path, rng: np.random.Generator) -> Iterator[Layer]:
    """The layers of somebody who wears something, without what they wear."""
    yield next(compositions.layers_of(scene, size, root, rng))


def drawn(
    scene: Scene, other: Scene, seeds: tuple[int, ...], root: Path, size: int,
    kept: list[np.ndarray] | None = None,
) -> np.ndarray:  # fmt: skip
    """A scene in the way that its `other` asks for, before the filter, [size, size, 3].

    For `kept`, see `pictures.draw`.
    """
    rng = Parts(*seeds)
    dark = bool(part(rng, "dark").random() < DARK)
    if other.attribute >= 0 > scene.attribute:  # heads that wear things have poses of their own
        dressed = replace(scene, attribute=other.attribute)
        return pictures.draw(dressed, size, root, rng, dark, kept, bareheaded)
    return pictures.draw(scene, size, root, rng, dark, kept)


def pair(
    edit: Edit, seed: int, root: Path, size: int = SIZE, drawn_at: int = 128
) -> tuple[np.ndarray, np.ndarray]:
    """The pictures before and after an edit, both uint8 [size, size, 3].

    The same seed gives the same bytes. They're drawn and filtered at `drawn_at`, as training
    pictures are. If only the style changes, it's one drawing with two filters: on the ground of
    one style or of the other.
    """
    seeds = (SEED, 4, seed)
    rng = Parts(*seeds)
    scenes = edit.before, edit.after
    if edit.before.style != edit.after.style:
        one = pick(part(rng, "whose ground"), scenes)
        both = [drawn(one, one, seeds, root, drawn_at)] * 2
    else:
        both = [drawn(a, b, seeds, root, drawn_at) for a, b in (scenes, scenes[::-1])]
    dark = bool(part(rng, "dark").random() < DARK)
    before, after = (
        pictures.finished(styles.FILTERS[scene.style](x, part(rng, "filter"), dark), size)
        for scene, x in zip(scenes, both, strict=True)
    )
    return before, after


class Edits(Stream):
    """An endless, numbered list of pairs, uint8 [6, 64, 64]: before, then after."""

    @staticmethod
    def item(number: int) -> Edit:
        """Edit `number`."""
        return random_edit(np.random.default_rng([SEED, 3, number]))

    @staticmethod
    def draw(numbers: range, root: Path) -> np.ndarray:
        """uint8 [N, 6, 64, 64]."""
        made = [np.concatenate(pair(Edits.item(n), n, root), -1) for n in numbers]
        return np.stack(made).transpose(0, 3, 1, 2)

    def pair_chooser(self, size: int) -> PairChooser:
        """Choose as `chooser` does, and return instructions."""
        choose = self.chooser(size)

        def pairs(step: int, count: int, rng: np.random.Generator) -> tuple[np.ndarray, list[str]]:
            pixels, edits = choose(step, count, rng)
            return pixels, [edit.instruction for edit in edits]

        return pairs
