"""The prompts in the write-up and the lecture that the grammar covers, as scenes."""

from __future__ import annotations

from training.data.grammar import ATTRIBUTES, RELATIONS, SETTINGS, STYLES, SUBJECTS, Scene


def scene(
    style: str, first: str, relation: str = "", other: str = "", worn: str = "", setting: str = ""
) -> Scene:
    """A scene from the names in the grammar's tables."""

    def place(name: str, names: list[str]) -> int:
        return names.index(name) if name else -1

    keys = [s.key for s in SUBJECTS]
    return Scene(
        place(first, keys),
        place(style, [name for name, _ in STYLES]),
        place(worn, [text for text, _ in ATTRIBUTES]),
        place(setting, list(SETTINGS)),
        place(relation, [between for between, _ in RELATIONS]),
        place(other, keys),
    )


# In their original wording; a prompt without a style counts as a photograph.
LISTED: dict[str, Scene] = {
    "an oil painting of an old man": scene("oil painting", "old man"),
    "an oil painting of people around a campfire": scene("oil painting", "campfire"),
    "a lithograph of a skull": scene("lithograph", "skull"),
    "a lithograph of waterfalls": scene("lithograph", "waterfall"),
    "an oil painting of a snowy mountain village": scene("oil painting", "snowy mountain village"),
    "a photo of a cat riding a bicycle": scene("photo", "cat", "riding", "bicycle"),
    "a furry bear watches a bird": scene("photo", "bear", "watches", "bird"),
    "a basket full of apples": scene("photo", "basket", "full of", "apple"),
    "a photo of a butterfly on a flower": scene("photo", "butterfly", "on", "flower"),
    "a lemon cake": scene("photo", "lemon", "cake", "cake"),
    "a cheese cake": scene("photo", "cheese", "cake", "cake"),
    "an apple cake": scene("photo", "apple", "cake", "cake"),
    "a pumpkin cake": scene("photo", "pumpkin", "cake", "cake"),
    "a beet cake": scene("photo", "beet", "cake", "cake"),
}
