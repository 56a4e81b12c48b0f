"""Something for network attacks to reach: sockets of every kind, and a note of each visit."""

import selectors
import socket
import threading
from pathlib import Path


class Listeners:
    """Open sockets until `close`.

    Args:
        folder: for those that have a path.

    Attributes:
        places: where they are, by the words that attacks use.
        visits: what came in.
    """

    def __init__(self, folder: Path) -> None:
        tcp = socket.create_server(("127.0.0.1", 0))
        port = tcp.getsockname()[1]
        udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        udp.bind(("127.0.0.1", port))
        abstract, path, datagrams = (
            socket.socket(socket.AF_UNIX, kind)
            for kind in (socket.SOCK_STREAM, socket.SOCK_STREAM, socket.SOCK_DGRAM)
        )
        name = f"pset-attacks-{port}"
        abstract.bind(f"\0{name}")
        path.bind(str(folder / "stream"))
        datagrams.bind(str(folder / "datagrams"))
        for name_of in ("stream", "datagrams"):
            (folder / name_of).chmod(0o777)
        for server in (abstract, path):
            server.listen()
        self.places = {
            "PORT": str(port),
            "ABSTRACT": name,
            "SOCKET": str(folder / "stream"),
            "DATAGRAMS": str(folder / "datagrams"),
        }
        self.visits: list[str] = []
        self._sockets = [tcp, udp, abstract, path, datagrams]
        self._open = True
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Close them."""
        self._open = False
        self._thread.join()
        for each in self._sockets:
            each.close()

    def _listen(self) -> None:
        with selectors.DefaultSelector() as selector:
            for each in self._sockets:
                selector.register(each, selectors.EVENT_READ)
            while self._open:
                for key, _ in selector.select(0.1):
                    self.visits.append(str(key.fileobj))
                    if key.fileobj.type == socket.SOCK_STREAM:
                        key.fileobj.accept()[0].close()
                    else:
                        key.fileobj.recv(4096)
