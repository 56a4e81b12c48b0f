"""The grammar, its captions and the tokenizer agree."""

import numpy as np
import pytest

from training import compositions, grammar, tokenizer

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


@pytest.mark.parametrize("prompt", SEEDS)
def test_prompts_of_the_course_are_known(prompt):
    assert grammar.unknown_words(prompt) == []
    ids, mask = tokenizer.encode(prompt)
    words = len(prompt.split())
    assert 2 not in ids
    assert sum(mask) == words + 1
    assert ids[words] == 1
    assert len(ids) == len(mask) == 77


def test_unknown_words_are_named():
    assert grammar.unknown_words("a photo of a zeppelin") == ["zeppelin"]
    assert 2 in tokenizer.encode("a photo of a zeppelin")[0]


def test_every_word_has_its_own_token():
    tokens = tokenizer.build()
    ids = [tokens(word).input_ids for word in grammar.vocabulary()]
    assert all(len(i) == 2 and i[1] == 1 for i in ids)
    assert len({i[0] for i in ids}) == len(ids)


def test_every_caption_is_within_the_vocabulary():
    rng = np.random.default_rng(0)
    scenes = list(grammar.single_scenes()) + [compositions.random_scene(rng) for _ in range(500)]
    for scene in scenes:
        for text in (grammar.caption(scene), grammar.training_caption(scene, rng)):
            assert grammar.unknown_words(text) == [], text


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
