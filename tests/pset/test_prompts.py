"""Prompts: equal to diffusers' own encoding, remembered, and refused in plain words."""

import errno
import gc
import weakref
from pathlib import Path

import pytest
import torch
from diffusers import IFPipeline

from pset._model import diffusers_folder
from pset._model.errors import UnknownWordError
from pset._model.prompt_cache import PromptCache, cache_folder
from pset._model.prompts import PromptEncoder
from pset.assets import assets_dir
from pset.model import load_model
from tests.rounding import assert_same_numbers

OLD_MAN = "an oil painting of an old man"
CPU = torch.device("cpu")


def make_encoder(folder: Path, **options) -> PromptEncoder:
    options = {"device": CPU, "dtype": torch.float32} | options
    load_tokenizer = options.pop("load_tokenizer", lambda: diffusers_folder.load_tokenizer(folder))
    load_encoder = options.pop(
        "load_encoder", lambda: diffusers_folder.load_text_encoder(folder, torch.float32)
    )
    return PromptEncoder(load_tokenizer, load_encoder, **options)


def unloadable():
    raise AssertionError("the text encoder was loaded")


@pytest.fixture
def stage_1(cascade_folder) -> Path:
    return cascade_folder / "stage-1"


class TestAgainstDiffusers:
    @pytest.mark.parametrize("which", ["small cascade", "pocket"])
    def test_embeddings_are_the_pipelines(self, cascade_folder, which):
        folder = cascade_folder if which == "small cascade" else assets_dir() / "pocket-if"
        variant = "fp16" if which == "small cascade" else None
        pipeline = IFPipeline.from_pretrained(
            folder / "stage-1", variant=variant, torch_dtype=torch.float32
        )
        expected, null = pipeline.encode_prompt(OLD_MAN, device="cpu")
        model = load_model(folder)
        ours = model.prompt_embeds(OLD_MAN)
        assert ours.shape[:2] == (1, 77)
        assert_same_numbers(ours, expected)
        assert_same_numbers(model.prompt_embeds(""), null)
        assert not torch.equal(ours, null)

    def test_padding_is_masked(self, stage_1):
        """Without the attention mask the padding would change the words' embeddings."""
        encode = make_encoder(stage_1)
        tokens = encode.tokenizer(OLD_MAN, return_tensors="pt")
        with torch.no_grad():
            encoder = diffusers_folder.load_text_encoder(stage_1, torch.float32)
            unpadded = encoder(tokens.input_ids)[0]
        torch.testing.assert_close(
            encode(OLD_MAN)[:, : unpadded.shape[1]], unpadded, atol=1e-5, rtol=1e-5
        )


class TestEmbedding:
    def test_list_gives_one_row_each(self, stage_1):
        encode = make_encoder(stage_1)
        prompts = ["a lithograph of a skull", OLD_MAN, "", OLD_MAN]
        together = encode(prompts)
        assert together.shape[:2] == (4, 77)
        alone = make_encoder(stage_1)
        for row, prompt in zip(together, prompts, strict=True):
            assert torch.equal(row[None], alone(prompt))

    def test_case_and_blanks_make_no_difference(self, stage_1):
        encode = make_encoder(stage_1)
        assert torch.equal(encode(f"  {OLD_MAN.title()}\n"), encode(OLD_MAN))

    def test_changing_the_result_changes_nothing_else(self, stage_1):
        encode = make_encoder(stage_1)
        first = encode(OLD_MAN)
        kept = first.clone()
        first.zero_()
        assert torch.equal(encode(OLD_MAN), kept)

    def test_result_can_be_optimised(self, stage_1):
        embedding = make_encoder(stage_1)(OLD_MAN).requires_grad_()
        embedding.square().sum().backward()
        assert embedding.grad is not None

    def test_global_random_state_is_left_alone(self, stage_1):
        before = torch.random.get_rng_state()
        make_encoder(stage_1)(OLD_MAN)
        assert torch.equal(torch.random.get_rng_state(), before)


class TestRefused:
    @pytest.mark.parametrize("prompt", [None, 3, ["a lithograph of a skull", 2], {"a": 1}])
    def test_not_a_text(self, stage_1, prompt):
        with pytest.raises(TypeError, match="A prompt must be a string"):
            make_encoder(stage_1)(prompt)

    def test_empty_list(self, stage_1):
        with pytest.raises(ValueError, match="empty"):
            make_encoder(stage_1)([])

    def test_77_tokens_and_no_more(self, stage_1):
        encode = make_encoder(stage_1)

        def token_count(prompt: str) -> int:
            return len(encode.tokenizer(prompt).input_ids)

        words = ["skull"]
        while token_count(" ".join([*words, "a"])) <= 77:
            words.append("a")
        assert token_count(" ".join(words)) == 77
        assert encode(" ".join(words)).shape[1] == 77
        with pytest.raises(ValueError, match=r"78 tokens.*77.*Shorten") as caught:
            encode(" ".join([*words, "a"]))
        assert not isinstance(caught.value, UnknownWordError)

    def test_unknown_words_are_named_with_their_nearest(self):
        model = load_model("pocket")
        with pytest.raises(UnknownWordError) as caught:
            model.prompt_embeds("an oil painting of a zeppelin, and of a CAMPFYRE. zeppelin!")
        error = caught.value
        assert isinstance(error, ValueError)
        assert error.words == ["zeppelin", "campfyre"]
        assert error.nearest["campfyre"][0] == "campfire"
        for word in ("zeppelin", "campfyre", "campfire", "DeepFloyd/IF-I-L-v1.0", "vocabulary"):
            assert word in str(error)
        assert "painting" not in error.words
        assert "painting" not in str(error)

    def test_unknown_punctuation_is_left_out(self):
        model = load_model("pocket")
        expected = model.prompt_embeds("a photo of a cat and a dog")
        assert torch.equal(model.prompt_embeds("A photo of a “cat”, and a dog …!"), expected)

    def test_open_vocabulary_keeps_punctuation(self, stage_1):
        encode = make_encoder(stage_1, open_vocabulary=True)
        assert not torch.equal(
            encode("a lithograph, of a skull"), encode("a lithograph of a skull")
        )

    def test_open_vocabulary_takes_every_word(self, stage_1):
        with pytest.raises(UnknownWordError):
            make_encoder(stage_1)("a lithograph of a zebra")
        embedding = make_encoder(stage_1, open_vocabulary=True)("a lithograph of a zebra")
        assert embedding.isfinite().all()

    def test_refused_before_the_encoder_is_loaded(self, stage_1):
        encode = make_encoder(stage_1, load_encoder=unloadable)
        with pytest.raises(UnknownWordError):
            encode([OLD_MAN, "a lithograph of a zebra"])


class TestTheEncodersMemory:
    def test_loaded_once_and_kept(self, stage_1):
        loads = []

        def load_encoder():
            loads.append(1)
            return diffusers_folder.load_text_encoder(stage_1, torch.float32)

        encode = make_encoder(stage_1, load_encoder=load_encoder)
        for prompt in (OLD_MAN, "a lithograph of a skull", OLD_MAN, ""):
            encode(prompt)
        assert len(loads) == 1

    def test_loaded_for_one_call_and_freed(self, stage_1):
        encoders = []

        def load_encoder():
            encoder = diffusers_folder.load_text_encoder(stage_1, torch.float32)
            encoders.append(weakref.ref(encoder))
            return encoder

        encode = make_encoder(stage_1, load_encoder=load_encoder, keep_encoder=False)
        encode([OLD_MAN, "a lithograph of a skull"])
        assert len(encoders) == 1
        assert encoders[0]() is None
        encode([OLD_MAN, ""])  # the null prompt came along
        assert len(encoders) == 1
        encode("a high quality photo")
        gc.collect()
        assert len(encoders) == 2
        assert encoders[1]() is None


class TestOnDisk:
    def test_needs_no_encoder_the_second_time(self, stage_1, tmp_path):
        cache = PromptCache("some/model", tmp_path / "new" / "folder")
        expected = make_encoder(stage_1, cache=cache)(OLD_MAN)
        again = make_encoder(
            stage_1, cache=cache, load_encoder=unloadable, load_tokenizer=unloadable
        )
        assert torch.equal(again(OLD_MAN.upper()), expected)
        with pytest.raises(AssertionError, match="was loaded"):
            again("a lithograph of a skull")

    def test_another_models_embedding_is_not_taken(self, tmp_path):
        embedding = torch.ones(1, 77, 4)
        PromptCache("one/model", tmp_path).put("a skull", embedding)
        assert torch.equal(PromptCache("one/model", tmp_path).get("a skull"), embedding)
        assert PromptCache("another/model", tmp_path).get("a skull") is None
        assert PromptCache("one/model", tmp_path).get("a rose") is None

    def test_number_format_is_kept(self, tmp_path):
        cache = PromptCache("one/model", tmp_path)
        cache.put("a skull", torch.full((1, 77, 4), 0.1, dtype=torch.float16))
        assert cache.get("a skull").dtype == torch.float16

    @pytest.mark.parametrize("content", [b"", b"half a fi", None])
    def test_damaged_file_is_computed_again(self, stage_1, tmp_path, content):
        cache = PromptCache("one/model", tmp_path)
        expected = make_encoder(stage_1, cache=cache)(OLD_MAN)
        path = cache.path(OLD_MAN)
        path.write_bytes(path.read_bytes()[:-100] if content is None else content)
        assert torch.equal(make_encoder(stage_1, cache=cache)(OLD_MAN), expected)
        assert torch.equal(cache.get(OLD_MAN), expected)  # and mended

    def test_full_disk_loses_nothing(self, stage_1, tmp_path, monkeypatch):
        def no_space(*_):
            raise OSError(errno.ENOSPC, "No space left on device")

        monkeypatch.setattr("pset.files.os.replace", no_space)
        encode = make_encoder(stage_1, cache=PromptCache("one/model", tmp_path))
        with pytest.warns(UserWarning, match=r"No space left.*PSET_CACHE"):
            embedding = encode(OLD_MAN)
        assert torch.equal(embedding, make_encoder(stage_1)(OLD_MAN))
        assert list(tmp_path.iterdir()) == []  # no half-written file stays behind

    def test_folder_that_cannot_be_made_loses_nothing(self, stage_1, tmp_path):
        (tmp_path / "file").touch()
        cache = PromptCache("one/model", tmp_path / "file" / "cache")
        with pytest.warns(UserWarning, match="couldn't be saved"):
            embedding = make_encoder(stage_1, cache=cache)(OLD_MAN)
        assert embedding.isfinite().all()

    def test_where_it_lies(self, monkeypatch, tmp_path):
        monkeypatch.setenv("PSET_CACHE", str(tmp_path / "mine"))
        assert cache_folder() == tmp_path / "mine"
        monkeypatch.delenv("PSET_CACHE")
        monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
        assert cache_folder() == tmp_path / "pset"
        monkeypatch.delenv("XDG_CACHE_HOME")
        assert cache_folder() == Path.home() / ".cache" / "pset"
