"""Find the files that come with the package: the pocket model, photographs, references."""

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


def assets_dir() -> Path:
    """Return the folder that contains `pocket-if/`, `images/` and `references/`.

    In an installed wheel it's inside the package; in a checkout, next to it.

    Raises:
        FileNotFoundError: it's in neither place, so the installation is incomplete.
    """
    for folder in (_PACKAGE / "_assets", _PACKAGE.parent / "assets"):
        if folder.is_dir():
            return folder
    raise FileNotFoundError(
        f"pset's pictures and weights are missing; they should be in {_PACKAGE / '_assets'} or "
        f"{_PACKAGE.parent / 'assets'}. Reinstall the package, or clone the whole repository."
    )
