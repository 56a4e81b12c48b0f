"""The grammar, its captions and the tokenizer agree."""

import re

import numpy as np
import pytest

from pset.assets import assets_dir
from training.data import grammar, mixture, prompts, tokenizer

FOLDER = assets_dir() / "pocket-if"
KNOWN = set(grammar.vocabulary())

SEEDS = [
    "an oil painting of an old man",
    "an oil painting of people around a campfire",
    "a lithograph of a skull",
    "a lithograph of waterfalls",
    "a high quality photo",
    "a watercolor of a kitten",
    "a pencil sketch of a kangaroo",
    "an oil painting of a snowy mountain village",
    "a photo of a rocket ship",
    "a photo of a butterfly on a flower",
    "a basket full of apples",
    "a furry bear watches a bird",
    "a photo of a cat riding on a bicycle",
    "lemon cake",
]


def words_of(prompt: str) -> list[str]:
    return re.findall(r"[a-z']+", prompt.lower())


def unknown_words(prompt: str) -> list[str]:
    return [word for word in words_of(prompt) if word not in KNOWN]


@pytest.mark.parametrize("prompt", SEEDS)
def test_prompts_of_the_course_are_known(prompt):
    assert unknown_words(prompt) == []
    ids, mask = tokenizer.encode(prompt)
    words = len(prompt.split())
    assert 2 not in ids
    assert sum(mask) == words + 1
    assert ids[words] == 1
    assert len(ids) == len(mask) == 77


def test_every_word_has_its_own_token():
    tokens = tokenizer.build()
    ids = [tokens(word).input_ids for word in grammar.vocabulary()]
    assert all(len(i) == 2 and i[1] == 1 for i in ids)
    assert len({i[0] for i in ids}) == len(ids)


def test_every_caption_is_within_the_vocabulary():
    rng = np.random.default_rng(0)
    scenes = list(grammar.single_scenes()) + [mixture.random_scene(rng) for _ in range(900)]
    for scene in scenes:
        for text in (grammar.caption(scene), grammar.training_caption(scene, rng)):
            assert unknown_words(text) == [], text


def test_the_vocabulary_has_not_changed():
    """Weights that know the words one by one can go on training with new subjects."""
    from safetensors import safe_open

    path = FOLDER / "stage-1" / "text_encoder" / "model.safetensors"
    with safe_open(path, "pt") as stored:
        name = next(k for k in stored.keys() if "shared" in k or "embed_tokens" in k)  # noqa: SIM118
        assert stored.get_slice(name).get_shape()[0] == len(tokenizer.pieces())


def test_every_scene_of_the_grammar_is_read_word_by_word():
    """No <unk> in any caption of any relation, thing worn, and setting."""
    scenes = [grammar.Scene(6, 0, a, s) for a in range(-1, 6) for s in range(-1, 7)]
    scenes += [
        grammar.Scene(a, 0, relation=r, other=(a + 7) % len(grammar.SUBJECTS))
        for r in range(len(grammar.RELATIONS))
        for a in range(len(grammar.SUBJECTS))
    ]
    for scene in scenes:
        ids, mask = tokenizer.encode(grammar.caption(scene))
        assert 2 not in ids[: sum(mask)], grammar.caption(scene)


def test_the_null_prompt_and_the_generic_one_mean_different_things():
    """ "" is said of everything; "a high quality photo" of photographs, and few of mere texture."""
    rng = np.random.default_rng(0)
    scenes = [mixture.random_scene(rng) for _ in range(8000)]
    said = [grammar.training_caption(s, rng) for s in scenes]
    null = [s for s, text in zip(scenes, said, strict=True) if text == grammar.NULL_PROMPT]
    generic = [s for s, text in zip(scenes, said, strict=True) if text == grammar.GENERIC_PROMPT]
    assert len(null) / len(scenes) == pytest.approx(0.13, abs=0.012)
    assert np.mean([s.subject < 0 for s in null]) < 0.35
    assert np.mean([s.subject < 0 for s in generic]) < 0.2
    assert {s.style for s in null} == set(range(len(grammar.STYLES)))
    assert {s.style for s in generic} == {0}
    assert len(generic) / len(scenes) > 0.06
    assert any(s.composed for s in generic)
    assert any(s.photograph >= 0 for s in generic)
    assert len({s.subject for s in generic}) > 50


@pytest.mark.parametrize("prompt", list(prompts.LISTED))
def test_listed_prompts_are_what_the_grammar_says_of_their_scene(prompt):
    said = set(words_of(grammar.caption(prompts.LISTED[prompt])))
    asked = set(words_of(prompt))
    assert unknown_words(prompt) == []
    assert asked - said <= {"furry", "apples"}  # a synonym's word, a plural


def test_kinds_of_cake():
    assert grammar.caption(prompts.LISTED["an apple cake"]) == "a photo of an apple cake"
    assert grammar.caption(prompts.LISTED["a beet cake"]) == "a photo of a beet cake"


def test_captions_read_as_in_the_course():
    def canonical(subject, style):
        s = [one.key for one in grammar.SUBJECTS].index(subject)
        k = [name for name, _ in grammar.STYLES].index(style)
        return grammar.caption(grammar.Scene(s, k))

    assert canonical("old man", "oil painting") == "an oil painting of an old man"
    assert canonical("campfire", "oil painting") == "an oil painting of people around a campfire"
    assert canonical("waterfall", "lithograph") == "a lithograph of waterfalls"


def test_sentencepiece_file_gives_the_same_ids(tmp_path):
    import sentencepiece

    (tmp_path / "m.model").write_bytes(tokenizer.sentencepiece_model())
    pieces = sentencepiece.SentencePieceProcessor(model_file=str(tmp_path / "m.model"))
    for prompt in [*SEEDS, "a photo of a zeppelin", ""]:
        ids, mask = tokenizer.encode(prompt)
        assert [*pieces.encode(prompt), 1] == list(ids[: sum(mask)])


def test_at_least_sixty_subjects_with_unique_names():
    keys = [one.key for one in grammar.SUBJECTS]
    assert len(keys) >= 60
    assert len(set(keys)) == len(keys)
