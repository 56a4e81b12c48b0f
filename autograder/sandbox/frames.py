"""Frames on a socket between the grader and a process that it doesn't trust.

A frame is a header with two lengths, then JSON, then plain bytes. The lengths are checked against
the reader's limits before anything is read.
"""

import socket
import struct
import time

HEADER = struct.Struct("<4sII")
MAGIC = b"pset"


class ProtocolError(Exception):
    """The other side violates the protocol."""


class Ended(ProtocolError):
    """The other side is gone."""


class TooLate(ProtocolError):
    """No answer within the time given."""


def send(
    channel: socket.socket, text: bytes, data: bytes = b"", seconds: float | None = None
) -> None:
    """Send one frame.

    Raises:
        Ended, TooLate: the other side doesn't receive it.
    """
    channel.settimeout(seconds)
    try:
        channel.sendall(HEADER.pack(MAGIC, len(text), len(data)) + text)
        channel.sendall(data)
    except TimeoutError as error:
        raise TooLate from error
    except OSError as error:
        raise Ended from error


def receive(
    channel: socket.socket, max_text: int, max_data: int, seconds: float | None = None
) -> tuple[bytes, bytes]:
    """Receive one frame: its JSON and its bytes, both unparsed.

    Args:
        channel: the socket.
        max_text, max_data: longer ones are rejected before they're read.
        seconds: for the whole frame, including the wait for its first byte.

    Raises:
        Ended, TooLate, ProtocolError: no valid frame arrives.
    """
    deadline = None if seconds is None else time.monotonic() + seconds
    magic, text_length, data_length = HEADER.unpack(_exactly(channel, HEADER.size, deadline))
    if magic != MAGIC:
        raise ProtocolError("not a frame")
    if text_length > max_text or data_length > max_data:
        raise ProtocolError("a frame that is too large")
    return _exactly(channel, text_length, deadline), _exactly(channel, data_length, deadline)


def _exactly(channel: socket.socket, length: int, deadline: float | None) -> bytes:
    parts = bytearray()
    while len(parts) < length:
        left = None if deadline is None else deadline - time.monotonic()
        if left is not None and left <= 0:
            raise TooLate
        channel.settimeout(left)
        try:
            part = channel.recv(min(length - len(parts), 1 << 20))
        except TimeoutError as error:
            raise TooLate from error
        except OSError as error:
            raise Ended from error
        if not part:
            raise Ended
        parts += part
    return bytes(parts)
