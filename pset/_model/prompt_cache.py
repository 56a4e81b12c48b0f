"""Keep prompt embeddings on disk, so that a 10 GB text encoder runs only once per prompt."""

import hashlib
import os
import warnings
from pathlib import Path

import torch

from pset.files import write_whole


def cache_folder() -> Path:
    """`$PSET_CACHE`, or `pset` in the user's cache folder (`~/.cache/pset`)."""
    if chosen := os.environ.get("PSET_CACHE"):
        return Path(chosen).expanduser()
    return Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache").expanduser() / "pset"


class PromptCache:
    """The embeddings of one model's prompts, one safetensors file each, named by a hash.

    Args:
        model_id: the model; another model's embeddings are never returned.
        folder: for the files; created when the first one is written.
    """

    def __init__(self, model_id: str, folder: Path) -> None:
        self.model_id = model_id
        self.folder = folder

    def path(self, prompt: str) -> Path:
        """The file for a prompt's embedding, whether it exists or not."""
        key = hashlib.sha256(f"{self.model_id}\0{prompt}".encode()).hexdigest()
        return self.folder / f"{key}.safetensors"

    def get(self, prompt: str) -> torch.Tensor | None:
        """The embedding, `[1, 77, D]`; None if it isn't there or the file is damaged."""
        from safetensors import SafetensorError, safe_open

        try:
            with safe_open(self.path(prompt), "pt") as file:
                return file.get_tensor("prompt_embeds")
        except (OSError, SafetensorError):
            return None

    def put(self, prompt: str, embedding: torch.Tensor) -> None:
        """Write an embedding. If the disk is full or read-only, that's just a warning."""
        from safetensors.torch import save

        # The file contains its prompt, so that you can find out what a hash stands for.
        content = save(
            {"prompt_embeds": embedding.cpu().contiguous()},
            metadata={"model": self.model_id, "prompt": prompt},
        )
        try:
            write_whole(self.path(prompt), content, shared=True)
        except OSError as error:
            warnings.warn(
                f"The embedding of {prompt!r} couldn't be saved in {self.folder} ({error}), so it "
                "will have to be computed again. Set PSET_CACHE to a folder you can write to.",
                stacklevel=2,
            )
