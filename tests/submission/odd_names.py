"""Names that people, computers and attackers give to folders and files."""

BOMBS = {
    "latin-1": b"Jos\xe9 Garc\xeda",
    "no-text": b"\xff\xfe\x80",
    "newline": b"ada\n01_denoising,35.0",
    "escape": b"\x1b[2J\x1b]0;taken\x07",
    "carriage-return": b"35 of 35\rben",
    "bidi": "gpj.\u202eecila".encode(),
    "isolates": "\u2066\u2069".encode(),
    "zero-width": "a\u200bda".encode(),
    "formula": b"=cmd|' calc'!A0",
    "formula-behind-semicolon": b"x;=1+1",
    "plus": b"+49",
    "minus": b"-1+1",
    "at": b"@SUM(1)",
    "tab": b"\t=1+1",
    "full-width": "＝1＋1".encode(),
    "long": b"x" * 255,
    "long-and-wide": "語".encode() * 85,
    "table": b"grades.csv",
    "page": b"Class.HTML",
    "partial": b"grades.csv.partial",
    "made": b"ada~0123abcd",
    "markup": b"<img src=x onerror=alert(1)>",
    "console-markup": b"[red]ada[bold]",
    "template": b"{{ 7 * 7 }}{student_id}",
    "pattern": b"*?[a-z]",
    "sql": b"x'; DROP TABLE student; --",
    "space": b" ada ",
    "only-space": b" ",
    "no-break-space": "a\u00a0b".encode(),
    "dot-at-the-end": b"ada.",
    "backslashes": b"..\\..\\ada",
    "percent": b"..%2f..%2fada",
    "accents": ("e" + "\u0301\u0302" * 40).encode(),
    "private-use": "\ue000".encode(),
    "unassigned": "\U000e0fff".encode(),
    "null-symbol": "a\u2400".encode(),
    "device": b"CON",
}
"""What is odd → a folder's name."""

ALIKE = [
    ["ada", "Ada", "ADA"],
    ["Jos\u00e9", "Jose\u0301"],
    ["Stra\u00dfe", "STRASSE"],
    ["\ufb01n", "fin"],
    ["k\u00f6ln", "\u212aO\u0308LN"],
]
"""Names that some disk, or some reader, takes for one."""

PLAIN = [
    "ada",
    "Ada Lovelace",
    "Lovelace, Ada_123456_assignsubmission_file_",
    "jose.garcia-2",
    "Jos\u00e9 Garc\u00eda",
    "李雷",
    "Олена",
    "O'Brien",
    "ada@uni.example",
    "s1234567",
    "mistake-1.1-no_square_root",
]
"""Nothing is odd about these."""
