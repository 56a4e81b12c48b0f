"""Text that comes from a stranger, made fit to be shown."""

LONGEST_NAME = 120
TAIL = 20
"""How much of the end of a long name is kept: a file's ending is there."""


def printable(text: str) -> str:
    """Text without control characters: they could move a terminal's cursor or turn a line round."""
    return "".join(
        c if c.isprintable() or c in "\n\t" else "\N{REPLACEMENT CHARACTER}" for c in text
    )


def on_one_line(name: str, longest: int = LONGEST_NAME) -> str:
    r"""A file's or folder's name as a line may hold it.

    What cannot be printed is written as an escape, so that the name can still be recognised: a
    byte that is not UTF-8 as `\xe9`, a line's end as `\n`. The middle of a long name is left out.
    """
    shown = "".join(c if c.isprintable() else _escaped(c) for c in name)
    if len(shown) > longest:
        shown = f"{shown[: longest - TAIL - 1]}…{shown[-TAIL:]}"
    return shown


def _escaped(character: str) -> str:
    byte = ord(character) - 0xDC00
    if 0x80 <= byte <= 0xFF:  # how Python keeps a byte of a file's name that is not UTF-8
        return f"\\x{byte:02x}"
    return character.encode("unicode_escape").decode()
