"""Text that comes from a stranger, made fit to be shown."""


def printable(text: str) -> str:
    """Text without control characters: they could move a terminal's cursor or turn a line round."""
    return "".join(
        c if c.isprintable() or c in "\n\t" else "\N{REPLACEMENT CHARACTER}" for c in text
    )
