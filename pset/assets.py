"""Where the files that travel with the package lie: the pocket model, photographs, references."""

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


def assets_dir() -> Path:
    """Return the folder that holds `pocket-if/`, `images/` and `references/`.

    In an installed wheel it lies inside the package; in a checkout, beside it.

    Raises:
        FileNotFoundError: neither is there, so the installation is incomplete.
    """
    for folder in (_PACKAGE / "_assets", _PACKAGE.parent / "assets"):
        if folder.is_dir():
            return folder
    raise FileNotFoundError(
        f"The package's pictures and weights are missing: looked in {_PACKAGE / '_assets'} and in "
        f"{_PACKAGE.parent / 'assets'}. Install the package again, or clone the whole repository."
    )
