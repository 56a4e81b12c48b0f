"""The grammar of the pocket model's prompts: subjects, styles, attributes, settings, captions.

Everything you can ask the model for is in this file. The tokenizer's vocabulary has all words of
the *full* grammar, so it won't change when the model is trained on more of the grammar.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

NULL_PROMPT = ""
GENERIC_PROMPT = "a high quality photo"
GENERIC_PHOTOS, GENERIC_CROPS = 0.35, 0.25  # share of rendered and real photos captioned so


@dataclass(frozen=True)
class Subject:
    """One thing to draw. `names` are (singular, plural); the first is the canonical one.

    `emoji` lists the characters whose artwork shows it, unless `scene` names a drawing in
    `training.data.scenes`. `hues`: in the real world, it comes in any colour.
    """

    key: str
    names: tuple[tuple[str, str], ...]
    emoji: tuple[str, ...] = ()
    scene: str = ""
    plural: bool = False
    wears: bool = False
    tail: str = ""
    upright: bool = False
    hues: bool = False

    @property
    def phrase(self) -> str:
        """The canonical noun phrase, with its article: "an old man", "waterfalls"."""
        singular, plural = self.names[0]
        return (plural if self.plural else with_article(singular)) + self.tail


def subject(
    key: str, emoji: str = "", names: Sequence[str] = (), plurals: Sequence[str] = (), **more
) -> Subject:
    """Shorthand for `Subject`: adds regular plurals, and splits several emoji at spaces."""
    singulars = [key, *names]
    pairs = [
        (name, plurals[i] if i < len(plurals) else pluralise(name))
        for i, name in enumerate(singulars)
    ]
    return Subject(key, tuple(pairs), tuple(emoji.split()), **more)


def pluralise(noun: str) -> str:
    """The regular English plural of `noun`."""
    if re.search(r"[^aeiou]y$", noun):
        return noun[:-1] + "ies"
    return noun + ("es" if re.search(r"(s|x|ch|sh)$", noun) else "s")


def with_article(noun: str) -> str:
    """With an indefinite article: "an avocado", "a cat"."""
    return ("an " if noun[0] in "aeiou" else "a ") + noun


SUBJECTS: tuple[Subject, ...] = (
    # people
    subject("old man", "👴 👴🏻 👴🏽 👴🏿 👨‍🦳 👨🏾‍🦳", ["old gentleman", "man"],
            ["old men", "old gentlemen", "men"], wears=True),
    subject("young lady", "👩 👩🏻 👩🏽 👩🏿 👩‍🦰 👩🏾‍🦱 👱‍♀️ 👧 👧🏽", ["woman", "lady", "girl"],
            ["young ladies", "women"], wears=True),
    subject("campfire", "🔥", plurals=["people"], scene="campfire", plural=True,
            tail=" around a campfire", upright=True),
    subject("skull", "💀", wears=True),
    subject("robot", "🤖", wears=True),
    subject("snowman", "⛄ ☃️", plurals=["snowmen"], wears=True),
    # animals
    subject("cat", "🐱", ["kitten"], wears=True),
    subject("dog", "🐶", ["puppy"], wears=True),
    subject("bear", "🐻", ["furry bear"], wears=True),
    subject("rabbit", "🐰", ["bunny"], wears=True),
    subject("kangaroo", "🦘"),
    subject("horse", "🐎"),
    subject("dragon", "🐉", hues=True),
    subject("butterfly", "🦋", hues=True),
    subject("bird", "🐦", hues=True),
    subject("snail", "🐌"),
    subject("squirrel", "🐿️"),
    subject("elephant", "🐘"),
    subject("chicken", "🐔", ["hen"], wears=True),
    subject("fish", "🐠", plurals=["fish"], hues=True),
    subject("owl", "🦉"),
    subject("penguin", "🐧", wears=True),
    subject("duck", "🦆"),
    subject("fox", "🦊", wears=True),
    subject("panda", "🐼", wears=True),
    # plants
    subject("flower", "🌼 🌸", hues=True),
    subject("sunflower", "🌻"),
    subject("rose", "🌹", hues=True),
    subject("tree", "🌳"),
    subject("cactus", "🌵", plurals=["cacti"]),
    subject("mushroom", "🍄", hues=True),
    # food
    subject("avocado", "🥑"),
    subject("apple", "🍎"),
    subject("orange", "🍊"),
    subject("lemon", "🍋"),
    subject("pumpkin", "🎃"),
    subject("cake", "🎂 🍰"),
    subject("bread", "🍞", ["loaf of bread"], ["bread", "loaves of bread"]),
    subject("cookie", "🍪"),
    subject("chocolate", "🍫", ["bar of chocolate"], ["chocolates", "bars of chocolate"]),
    subject("strawberry", "🍓"),
    subject("pizza", "🍕"),
    subject("cheese", "🧀", plurals=["cheese"]),
    subject("beet", scene="beet"),
    # things
    subject("bowl", "🥣", hues=True),
    subject("basket", "🧺"),
    subject("mug", "☕", ["cup"], hues=True),
    subject("computer", "💻", ["laptop"]),
    subject("mirror", "🪞"),
    subject("box", "📦", hues=True),
    subject("nest", "🪺 🪹"),
    subject("light bulb", "💡", ["lightbulb"]),
    subject("pencil", "✏️", hues=True),
    subject("bicycle", "🚲", ["bike"], hues=True),
    subject("car", "🚗", hues=True),
    subject("rocket", "🚀", ["rocket ship"], hues=True),
    subject("boat", "⛵", ["sailboat"], hues=True),
    subject("guitar", "🎸", hues=True),
    subject("clock", "⏰", ["alarm clock"], hues=True),
    subject("book", "📕", hues=True),
    subject("hat", "🎩", hues=True),
    subject("crown", "👑"),
    subject("balloon", "🎈", hues=True),
    # places
    subject("house", "🏠 🏡", hues=True),
    subject("waterfall", "", scene="waterfalls", plural=True, upright=True),
    subject("tower", "🗼", ["tall tower"]),
    subject("castle", "🏰", ["stone castle"]),
    subject("snowy mountain village", "", ["mountain village"], scene="village", upright=True),
    subject("mountain", "🏔️", ["snowy mountain"]),
    subject("fireworks", plurals=["fireworks"], scene="fireworks", plural=True),
)  # fmt: skip

STYLES: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("photo", ("a photo of", "a photograph of", "photo of")),
    ("oil painting", ("an oil painting of", "oil painting of", "a painting of")),
    ("lithograph", ("a lithograph of", "lithograph of")),
    ("pencil sketch", ("a pencil sketch of", "pencil sketch of", "a sketch of")),
    ("watercolor", ("a watercolor of", "watercolor of", "a watercolour of")),
    ("pop art", ("a pop art of", "pop art of")),
)

# What a subject that `wears` things can wear, and the artwork for it.
ATTRIBUTES: tuple[tuple[str, str], ...] = (
    ("wearing a hat", "🎩"),
    ("wearing a crown", "👑"),
    ("wearing glasses", "👓"),
    ("wearing sunglasses", "🕶️"),
    ("wearing a cap", "🧢"),
    ("wearing a ribbon", "🎀"),
)

SETTINGS: tuple[str, ...] = (
    "in the snow",
    "at night",
    "on a beach",
    "under fireworks",
    "in a forest",
    "in the rain",
    "under a rainbow",
)

# Two subjects in one picture: (words between them, layout).
RELATIONS: tuple[tuple[str, str], ...] = (
    ("and", "beside"),
    ("next to", "beside"),
    ("on", "above"),
    ("riding", "above"),
    ("riding on", "above"),
    ("watches", "beside"),
    ("watching", "beside"),
    ("under", "below"),
    ("in", "inside"),
    ("full of", "contains"),
    ("cake", "flavour"),  # "a lemon cake": the first subject is the flavour of the second
)

# Words that later pictures or prompts may need, so they're in the vocabulary from the start.
SPARE_WORDS = """
the of with without its his her two three four five many some small large big little tiny red
orange yellow green blue purple pink black white brown grey gray golden silver dark bright furry
snowing snow night day sun moon star sky sea water fire forest beach rain rainbow city street
garden field desert lake river hill cloud landscape table chair window door lamp candle bell key
ball drum violin piano camera phone television train bus truck plane airplane helicopter drone ship
umbrella glasses sunglasses shirt shoe jacket leather gift teddy tulip lion tiger monkey mouse frog
turtle whale shark octopus crab spider bee ladybug ant snake crocodile zebra giraffe camel cow pig
sheep goat wolf deer bat koala hedgehog parrot flamingo swan eagle dinosaur unicorn ghost alien
clown baby boy child king queen prince princess wizard astronaut portrait face eye hand heart
banana grapes pear peach cherry cherries pineapple watermelon melon tomato carrot corn potato onion
pepper broccoli egg cheese pepperoni lego beet kittens ice cream donut candy honey tea coffee milk
bottle glass plate spoon fork knife swap replace add make turn into it be made smiling sleeping
running flying standing sitting left right top bottom upside down above below beside between behind
front close up old young happy sad angry beautiful simple quality high picture image drawing art
style western medieval comic collage stained mosaic winter summer spring autumn sunset sunrise
tudor vase feathers marilyn monroe albert einstein people person eats eating holding holds
covered filled
"""


@dataclass(frozen=True)
class Scene:
    """What a training picture shows, as indices into the tables above; -1 means "none"."""

    subject: int
    style: int
    attribute: int = -1
    setting: int = -1
    relation: int = -1
    other: int = -1
    photograph: int = -1  # of `textures`; such a scene has no other subject than its

    @property
    def subjects(self) -> tuple[int, ...]:
        """All subjects in the picture, not counting what they wear."""
        return tuple(i for i in (self.subject, self.other) if i >= 0)

    @property
    def composed(self) -> bool:
        """Whether there's more than one subject in one style."""
        return max(self.relation, self.attribute, self.setting) >= 0


def noun_phrase(which: int, rng: np.random.Generator | None = None) -> str:
    """A subject's canonical phrase; with `rng`, a random variant (article, plural, synonym)."""
    one = SUBJECTS[which]
    if rng is None or rng.random() < 0.6:
        return one.phrase
    singular, plural = one.names[int(rng.integers(len(one.names)))]
    if one.plural:
        # "people around a campfire", "a campfire"; "waterfalls", "a waterfall"
        return (plural + one.tail) if rng.random() < 0.6 else with_article(singular)
    return (with_article(singular), plural, singular, "the " + singular)[int(rng.integers(4))]


def style_phrase(which: int, rng: np.random.Generator | None = None) -> str:
    """A style's canonical phrase, "an oil painting of"; with `rng`, a random variant."""
    variants = STYLES[which][1]
    if rng is None or rng.random() < 0.8:
        return variants[0]
    return variants[int(rng.integers(len(variants)))]


def content(scene: Scene, rng: np.random.Generator | None = None) -> str:
    """A caption without its style: "a cat riding a bicycle in the snow", "a lemon cake"."""
    words = [noun_phrase(scene.subject, rng)]
    if scene.relation >= 0:
        between, layout = RELATIONS[scene.relation]
        if layout == "flavour":
            words = [with_article(f"{SUBJECTS[scene.subject].key} {between}")]
        else:
            words += [between, noun_phrase(scene.other, rng)]
    if scene.attribute >= 0:
        words.append(ATTRIBUTES[scene.attribute][0])
    if scene.setting >= 0:
        words.append(SETTINGS[scene.setting])
    return " ".join(words)


def caption(scene: Scene, rng: np.random.Generator | None = None) -> str:
    """The canonical caption of a picture; with `rng`, a random variant."""
    if scene.subject < 0:
        return GENERIC_PROMPT
    return f"{style_phrase(scene.style, rng)} {content(scene, rng)}"


def training_caption(scene: Scene, rng: np.random.Generator, drop: float = 0.1) -> str:
    """A random caption for training.

    A tenth are replaced with the empty prompt, so it comes to mean any picture in any style
    (classifier-free guidance, Ho & Salimans 2022). "a high quality photo" means any photograph:
    it's the caption of a third of the rendered ones and of some real ones, and of nothing else.
    Most real ones are crops that show texture rather than a subject, and get the empty prompt,
    because "a high quality photo" would come to mean texture. Some photographs, and a few other
    pictures, get a caption without a style, such as "a basket full of apples".
    """
    if rng.random() < drop:
        return NULL_PROMPT
    photo = STYLES[scene.style][0] == "photo"
    if photo and rng.random() < (GENERIC_CROPS if scene.photograph >= 0 else GENERIC_PHOTOS):
        return GENERIC_PROMPT
    if scene.subject < 0:
        return NULL_PROMPT
    if rng.random() < (0.15 if photo else 0.02):
        return content(scene, rng)
    return caption(scene, rng)


def single_scenes() -> Iterator[Scene]:
    """Every subject on its own, in every style."""
    for s in range(len(SUBJECTS)):
        for k in range(len(STYLES)):
            yield Scene(s, k)


def vocabulary() -> list[str]:
    """All words of the full grammar, sorted: the tokenizer's vocabulary."""
    texts = [GENERIC_PROMPT, SPARE_WORDS, *SETTINGS, "a an the around"]
    for one in SUBJECTS:
        for singular, plural in one.names:
            texts += [singular, plural]
        texts.append(one.tail)
    texts += [text for text, _ in ATTRIBUTES] + [text for text, _ in RELATIONS]
    texts += [v for _, variants in STYLES for v in variants]
    words = {word for text in texts for word in text.split()}
    words |= {pluralise(word) for word in SPARE_WORDS.split() if not word.endswith("s")}
    return sorted(words)
