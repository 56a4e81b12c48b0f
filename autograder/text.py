"""Make untrusted text safe to display."""

LONGEST_NAME = 120
TAIL = 20
"""How much of the end of a long name is kept, because the extension is there."""


def printable(text: str) -> str:
    """Replace control characters, which could move a terminal's cursor or reverse a line."""
    return "".join(
        c if c.isprintable() or c in "\n\t" else "\N{REPLACEMENT CHARACTER}" for c in text
    )


def on_one_line(name: str, longest: int = LONGEST_NAME) -> str:
    r"""Make the name of a file or folder fit on one line.

    Characters that can't be printed become escapes, so that the name stays recognisable: a byte
    that isn't UTF-8 becomes `\xe9`, a newline `\n`. The middle of a long name is left out.
    """
    shown = "".join(c if c.isprintable() else _escaped(c) for c in name)
    if len(shown) > longest:
        shown = f"{shown[: longest - TAIL - 1]}…{shown[-TAIL:]}"
    return shown


def _escaped(character: str) -> str:
    byte = ord(character) - 0xDC00
    if 0x80 <= byte <= 0xFF:  # how Python represents a byte of a file name that isn't UTF-8
        return f"\\x{byte:02x}"
    return character.encode("unicode_escape").decode()
