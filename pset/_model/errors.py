"""What can go wrong before any exercise starts, each with a sentence that says what to do."""


class ModelUnavailable(RuntimeError):
    """A model cannot be loaded or run here; the message says why and what to do."""


class ModelNotFound(ModelUnavailable):
    """No model has this name, or the folder does not hold one."""


class AccessDenied(ModelUnavailable):
    """The model is gated: not logged in, or its licence not accepted."""


class DownloadFailed(ModelUnavailable):
    """The model's files are not on this disk and could not be fetched."""


class NoGPU(ModelUnavailable):
    """The model, or the device that was asked for, needs a GPU and there is none."""


class OutOfMemory(ModelUnavailable):
    """The GPU is too small; what had been allocated has been freed."""


class MissingPackage(ModelUnavailable):
    """A Python package that this model needs is not installed."""


class UnknownWordError(ValueError):
    """A prompt holds words that the model never learnt.

    Attributes:
        words: the unknown words, in the order of the prompt.
        nearest: for each of them the most similar words that the model knows, best first.
    """

    def __init__(self, message: str, words: list[str], nearest: dict[str, list[str]]) -> None:
        super().__init__(message)
        self.words = words
        self.nearest = nearest
