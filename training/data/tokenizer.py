"""The pocket model's tokenizer: T5's interface, with one token for each word of the grammar.

The IDs are <pad> 0, </s> 1, <unk> 2, then the words in alphabetical order. It's saved both as
`tokenizer.json` and as a SentencePiece model, for older versions of transformers.
"""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path

from transformers import T5Tokenizer

from training.data.grammar import vocabulary

MAX_LENGTH = 77  # as in IFPipeline.encode_prompt
SPECIAL = ("<pad>", "</s>", "<unk>")


def pieces() -> list[tuple[str, float]]:
    """SentencePiece pieces and their scores, in the order of their IDs."""
    return [(name, 0.0) for name in SPECIAL] + [("▁" + word, -1.0) for word in vocabulary()]


@lru_cache(maxsize=1)
def build() -> T5Tokenizer:
    """Build the tokenizer from the grammar."""
    return T5Tokenizer(vocab=pieces(), extra_ids=0, model_max_length=MAX_LENGTH)


def save(folder: Path) -> None:
    """Save the tokenizer in a folder that both transformers 4 and 5 can read."""
    build().save_pretrained(folder)
    # transformers 5 writes an empty list here, which transformers 4 can't read.
    settings = folder / "tokenizer_config.json"
    kept = {k: v for k, v in json.loads(settings.read_text()).items() if v != []}
    settings.write_text(json.dumps(kept, indent=2) + "\n")
    (folder / "spiece.model").write_bytes(sentencepiece_model())


def sentencepiece_model() -> bytes:
    """The vocabulary as a serialised SentencePiece model of whole words."""
    from sentencepiece import sentencepiece_model_pb2 as pb

    kind = pb.ModelProto.SentencePiece
    model = pb.ModelProto()
    for i, (piece, score) in enumerate(pieces()):
        kinds = {0: kind.CONTROL, 1: kind.CONTROL, 2: kind.UNKNOWN}
        model.pieces.add(piece=piece, score=score, type=kinds.get(i, kind.NORMAL))
    spec = model.trainer_spec
    spec.model_type = pb.TrainerSpec.UNIGRAM
    spec.vocab_size = len(model.pieces)
    spec.pad_id, spec.eos_id, spec.unk_id, spec.bos_id = 0, 1, 2, -1
    model.normalizer_spec.name = "identity"
    model.normalizer_spec.add_dummy_prefix = True
    model.normalizer_spec.remove_extra_whitespaces = True
    return model.SerializeToString()


@lru_cache(maxsize=100_000)
def encode(prompt: str) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """The IDs and attention mask of a prompt, each of length 77, as in IFPipeline."""
    out = build()(
        prompt.lower().strip(), padding="max_length", max_length=MAX_LENGTH, truncation=True
    )
    return tuple(out["input_ids"]), tuple(out["attention_mask"])
