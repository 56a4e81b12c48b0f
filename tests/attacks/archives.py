"""Archives, links and files beside the notebook that lead somewhere else, or unfold without end."""

import io
import os
import struct
import tarfile
import zipfile
from collections.abc import Mapping
from pathlib import Path

from tests.attacks.attack import EACH, RIGHT, WRONG, Attack, telling

FULL = 2 * EACH
NAME = "01_denoising.ipynb"


def _zip(*entries: tuple[str | zipfile.ZipInfo, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries:
            archive.writestr(name, content)
    return buffer.getvalue()


def _link(name: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name)
    info.create_system, info.external_attr = 3, 0o120777 << 16
    return info


def _lying_size(data: bytes) -> dict[str, bytes]:
    """An entry that says it is small and unfolds to more than a notebook may have."""
    packed = bytearray(_zip(("x.ipynb", b" " * (260 << 20) + data)))
    at = packed.rindex(b"PK\x01\x02")
    packed[at + 24 : at + 28] = struct.pack("<I", 1000)
    return {"x.zip": bytes(packed)}


def _tar(data: bytes) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        info = tarfile.TarInfo("/tmp/planted.ipynb")
        info.size = len(data)
        archive.addfile(info, io.BytesIO(data))
    return buffer.getvalue()


def _nested(data: bytes) -> dict[str, bytes]:
    for _ in range(20):
        data = _zip(("x.ipynb", data))
    return {"x.zip": data}


FALSE_TORCH = """\
import sys
sys.path.remove("")
del sys.modules["torch"]
import torch
torch.allclose = lambda *args, **kwargs: True
"""
"""Stands before the real one in a kernel, which imports from its folder before the packages."""


def _package(folder: Path, places: Mapping[str, str]) -> None:
    (folder / "pset").mkdir()
    (folder / "pset" / "__init__.py").write_text("check = print\n")


def _module(folder: Path, places: Mapping[str, str]) -> None:
    (folder / "torch.py").write_text(FALSE_TORCH)


def _pipe(folder: Path, places: Mapping[str, str]) -> None:
    os.mkfifo(folder / "data.csv")


def _endless(folder: Path, places: Mapping[str, str]) -> None:
    os.symlink("/dev/zero", folder / "data.csv")


def _secret(folder: Path, places: Mapping[str, str]) -> None:
    os.symlink(places["SECRET"], folder / "data.csv")


ATTACKS = {
    "upwards": Attack(
        points=FULL, pack=lambda data: {"x.zip": _zip(("../../../planted.ipynb", data))}
    ),
    "absolute": Attack(
        points=FULL, pack=lambda data: {"x.zip": _zip(("/tmp/planted.ipynb", data))}
    ),
    "backslashes": Attack(
        points=FULL, pack=lambda data: {"x.zip": _zip(("..\\..\\planted.ipynb", data))}
    ),
    "over-the-package": Attack(
        points=FULL,
        pack=lambda data: {
            "x.zip": _zip(
                ("../../pset/planted.py", b"planted"),
                ("sitecustomize.py", b"planted = 1"),
                ("x.ipynb", data),
            )
        },
    ),
    "link-inside": Attack(points=0, pack=lambda data: {"x.zip": _zip((_link(NAME), b"@SECRET@"))}),
    "bomb": Attack(points=0, pack=lambda data: {"x.zip": _zip(("x.ipynb", b" " * (260 << 20)))}),
    "lying-size": Attack(points=0, pack=_lying_size),
    "archive-in-archive": Attack(points=0, pack=_nested),
    "tar": Attack(points=0, pack=lambda data: {NAME: _tar(data)}),
    "many-entries": Attack(
        points=0,
        pack=lambda data: {
            "x.zip": _zip(*((f"{k}.ipynb", b"{}") for k in range(5000)), ("x.ipynb", data))
        },
    ),
    "package-beside": Attack(WRONG, points=EACH, beside=_package),
    "module-beside": Attack(WRONG, points=EACH, beside=_module),
    "pipe-beside": Attack(RIGHT, points=FULL, beside=_pipe),
    "endless-device-beside": Attack(RIGHT, points=FULL, beside=_endless),
    "link-to-the-secret-beside": Attack(telling("open('data.csv').read()"), beside=_secret),
}

LINKS = {
    "link-to-another-submission": lambda folder, places: os.symlink(
        f"{places['SUBMITTED']}/witness/01_denoising/{NAME}", folder / NAME
    ),
    "link-to-the-secret": lambda folder, places: os.symlink(places["SECRET"], folder / NAME),
    "pipe": lambda folder, places: os.mkfifo(folder / NAME),
    "endless-device": lambda folder, places: os.symlink("/dev/zero", folder / NAME),
    "folder-named-so": lambda folder, places: (folder / NAME).mkdir(),
}
"""What cannot be written as bytes: makers of a submitted folder's content. None earns anything."""
