"""Errors about models and prompts. Each message says what's wrong and what to do about it."""


class ModelUnavailable(RuntimeError):
    """A model can't be loaded or run here; the message says why, and what to do."""


class ModelNotFound(ModelUnavailable):
    """There's no model with this name, or none in this folder."""


class AccessDenied(ModelUnavailable):
    """The model is gated, and you aren't logged in or haven't accepted its licence."""


class DownloadFailed(ModelUnavailable):
    """The model's files aren't on this computer and couldn't be downloaded."""


class NoGPU(ModelUnavailable):
    """The model, or the device you asked for, needs a GPU, and there isn't one."""


class OutOfMemory(ModelUnavailable):
    """The GPU ran out of memory; whatever was allocated has been freed."""


class MissingPackage(ModelUnavailable):
    """A Python package that this model needs isn't installed."""


class UnknownWordError(ValueError):
    """A prompt contains words that the model doesn't know.

    Attributes:
        words: the unknown words, in the order of the prompt.
        nearest: for each of them, the most similar words that the model knows, best first.
    """

    def __init__(self, message: str, words: list[str], nearest: dict[str, list[str]]) -> None:
        super().__init__(message)
        self.words = words
        self.nearest = nearest
