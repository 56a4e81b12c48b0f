"""Turn prompts into embeddings, which the denoiser reads instead of words."""

import difflib
import gc
import string
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import torch

from pset._model.errors import UnknownWordError
from pset._model.prompt_cache import PromptCache

if TYPE_CHECKING:
    from transformers import BatchEncoding, PreTrainedTokenizerBase, T5EncoderModel

MAX_TOKENS = 77
"""Every prompt is padded to this length: IF was trained with 77 tokens."""

NULL_PROMPT = ""
"""The empty prompt, for the unconditional half of guidance."""

_WORD_BEGINS = "▁"
"""How sentencepiece marks a token that begins a word."""

_PUNCTUATION = string.punctuation + "“”‘’«»–—…"


class PromptEncoder:
    """A tokenizer and a T5 encoder. Does the same as diffusers' `IFPipeline.encode_prompt`.

    Each prompt is encoded on its own, so its embedding doesn't depend on the others in a list. And
    it's encoded only once: the result stays in memory, and on disk if there's a cache.

    Args:
        load_tokenizer, load_encoder: called for the first prompt that has no embedding yet.
        device, dtype: of the embeddings.
        keep_encoder: False frees the encoder's memory as soon as the prompts are encoded.
        cache: embeddings on disk; a prompt that's in there doesn't need the encoder.
        open_vocabulary: False drops punctuation that the tokenizer doesn't know, and refuses
            prompts with unknown words, since they would mean nothing to the model.
    """

    def __init__(
        self,
        load_tokenizer: "Callable[[], PreTrainedTokenizerBase]",
        load_encoder: "Callable[[], T5EncoderModel]",
        *,
        device: torch.device,
        dtype: torch.dtype,
        keep_encoder: bool = True,
        cache: PromptCache | None = None,
        open_vocabulary: bool = False,
    ) -> None:
        self.device = device
        self.dtype = dtype
        self._load_tokenizer = load_tokenizer
        self._load_encoder = load_encoder
        self._keep_encoder = keep_encoder
        self._cache = cache
        self._open_vocabulary = open_vocabulary
        self._tokenizer: PreTrainedTokenizerBase | None = None
        self._encoder: T5EncoderModel | None = None
        self._embeddings: dict[str, torch.Tensor] = {}

    @property
    def tokenizer(self) -> "PreTrainedTokenizerBase":
        """The tokenizer, loaded when you first use it."""
        if self._tokenizer is None:
            self._tokenizer = self._load_tokenizer()
        return self._tokenizer

    def __call__(self, prompt: str | Sequence[str]) -> torch.Tensor:
        """Embed one prompt or several.

        Args:
            prompt: a string, or a list of B strings; `""` is the empty prompt. Upper case, and
                spaces at the ends, make no difference.

        Returns:
            `[1, 77, D]`, or `[B, 77, D]` for a list. It's a copy, so you may change it.

        Raises:
            TypeError: it isn't a string.
            UnknownWordError: there's a word that the model doesn't know.
            ValueError: it's longer than 77 tokens, or the list is empty.
        """
        texts = [_clean(text) for text in _as_list(prompt)]
        new = [text for text in dict.fromkeys(texts) if not self._recall(text)]
        if new and not self._keep_encoder and not self._recall(NULL_PROMPT):
            # Guidance will need it, and the large encoder shouldn't be loaded again just for that.
            new = list(dict.fromkeys([*new, NULL_PROMPT]))
        if new:
            self._encode(new)
        return torch.cat([self._embeddings[text] for text in texts])

    def words(self, prompt: str) -> list[tuple[str, list[int]]]:
        """The words of a prompt, and which of the 77 embeddings each of them became.

        In a large vocabulary, as DeepFloyd's, a rare word is several tokens. After the last word
        come the end of the text, and padding.

        Args:
            prompt: as it's embedded.

        Returns:
            For each word, in the order of the prompt: the word, and the numbers of its tokens.
        """
        text = _clean(prompt)
        if not self._open_vocabulary:
            text = self._in_known_words(text)
        ids = self.tokenizer(text, add_special_tokens=False).input_ids
        words: list[tuple[str, list[int]]] = []
        for number, token in enumerate(self.tokenizer.convert_ids_to_tokens(ids)):
            if token.startswith(_WORD_BEGINS) or not words:
                words.append(("", []))
            word, numbers = words[-1]
            words[-1] = (word + token.removeprefix(_WORD_BEGINS), [*numbers, number])
        return words

    def _recall(self, text: str) -> bool:
        """Whether the embedding is in memory, after loading it from disk if it's there."""
        if text not in self._embeddings and self._cache is not None:
            stored = self._cache.get(text)
            if stored is not None:
                self._embeddings[text] = stored.to(self.device, self.dtype)
        return text in self._embeddings

    @torch.no_grad()
    def _encode(self, texts: list[str]) -> None:
        # Tokenize everything first: you shouldn't wait for a large encoder to hear about a typo.
        tokens = [self._tokenize(text) for text in texts]
        encoder = self._encoder if self._encoder is not None else self._load_encoder()
        try:
            for text, token in zip(texts, tokens, strict=True):
                token = token.to(encoder.device)
                embedding = encoder(token.input_ids, attention_mask=token.attention_mask)[0]
                self._embeddings[text] = embedding.to(self.device, self.dtype)
                if self._cache is not None:
                    self._cache.put(text, self._embeddings[text])
        finally:
            if self._keep_encoder:
                self._encoder = encoder
            else:
                del encoder
                free_memory()

    def _tokenize(self, text: str) -> "BatchEncoding":
        if not self._open_vocabulary:
            text = self._in_known_words(text)
        count = len(self.tokenizer(text).input_ids)
        if count > MAX_TOKENS:
            raise ValueError(
                f"This prompt has {count} tokens, but the model reads only {MAX_TOKENS}. Shorten "
                f"it: {text[:60]!r}…"
            )
        return self.tokenizer(
            text, padding="max_length", max_length=MAX_TOKENS, return_tensors="pt"
        )

    def _in_known_words(self, text: str) -> str:
        """The text without the punctuation that the tokenizer doesn't know."""
        words = [
            word.strip(_PUNCTUATION) if self._is_unknown(word) else word for word in text.split()
        ]
        if unknown := [word for word in dict.fromkeys(words) if self._is_unknown(word)]:
            raise self._unknown_words(unknown)
        return " ".join(words)

    def _is_unknown(self, word: str) -> bool:
        ids = self.tokenizer(word, add_special_tokens=False).input_ids
        return self.tokenizer.unk_token_id in ids

    def _unknown_words(self, words: list[str]) -> UnknownWordError:
        known = [token.strip("▁") for token in self.tokenizer.get_vocab()]
        known = [word for word in known if word.isalpha()]
        nearest = {word: difflib.get_close_matches(word, known, cutoff=0.5) for word in words}
        descriptions = [
            f"{word!r} (nearest: {', '.join(nearest[word])})" if nearest[word] else repr(word)
            for word in words
        ]
        return UnknownWordError(
            f"The model doesn't know {'; '.join(descriptions)}. Its vocabulary is small; "
            'DeepFloyd\'s is open: load_model("DeepFloyd/IF-I-L-v1.0"), on a GPU.',
            words,
            nearest,
        )


def free_memory() -> None:
    """Free memory that's no longer in use, on the GPU too."""
    gc.collect()
    if torch.cuda.is_available():
        torch.cuda.empty_cache()


def _as_list(prompt: str | Sequence[str]) -> list[str]:
    texts = [prompt] if isinstance(prompt, str) else prompt
    if not isinstance(texts, list | tuple) or not all(isinstance(text, str) for text in texts):
        raise TypeError(f"A prompt must be a string or a list of strings, not {prompt!r}.")
    if not texts:
        raise ValueError('The list of prompts is empty. For the empty prompt, pass "".')
    return list(texts)


def _clean(text: str) -> str:
    """Clean a prompt as IF does before tokenizing it."""
    return text.lower().strip()
