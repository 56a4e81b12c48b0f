"""Serve the gallery on this computer only; its forms save marks in the gradebook.

The server listens on 127.0.0.1. Every URL contains a random token, and requests with another
host name are rejected, so that no other web page can give marks.
"""

import asyncio
import secrets
from collections import defaultdict
from collections.abc import Callable, Mapping

from tornado import httpserver, netutil, web

from autograder.errors import CommandError
from autograder.gradebook.hand_marks import HandMark, to_score
from autograder.grading.feedback import templates

ADDRESS = "127.0.0.1"
MAX_FORM = 16 << 20
"""Bytes: a class of a thousand, with long comments."""

Give = Callable[[list[HandMark]], list[HandMark]]
Page = Callable[[str], str]
"""URL to send marks to → the page, with the marks that are now in the gradebook."""


class GalleryServer:
    """Serves pages and accepts marks until it's stopped.

    Args:
        pages: assignment → its page.
        give: saves marks in the gradebook.
        port: to listen on; 0 for any free one.
    """

    def __init__(self, pages: Mapping[str, Page], give: Give, port: int = 0) -> None:
        self._token = secrets.token_urlsafe(32)
        (socket,) = netutil.bind_sockets(port, ADDRESS)
        self.port = socket.getsockname()[1]
        self._hosts = {f"{name}:{self.port}" for name in (ADDRESS, "localhost")}
        base = f"/{self._token}"
        shared = {"hosts": self._hosts}
        application = web.Application(
            [
                (f"{base}/marks", _Marks, {**shared, "give": give, "sheets": defaultdict(dict)}),
                (f"{base}/(.+)", _Page, {**shared, "pages": pages, "action": f"{base}/marks"}),
            ]
        )
        self._server = httpserver.HTTPServer(application, max_body_size=MAX_FORM)
        self._server.add_socket(socket)
        self.addresses = {name: f"http://{ADDRESS}:{self.port}{base}/{name}" for name in pages}

    def stop(self) -> None:
        """Stop accepting requests."""
        self._server.stop()


def serve(
    pages: Mapping[str, Page],
    give: Give,
    port: int,
    started: Callable[[Mapping[str, str]], None],
) -> None:
    """Serve until interrupted.

    Args:
        pages, give, port: see `GalleryServer`.
        started: called with the URLs of the pages, by assignment.

    Raises:
        CommandError: the port is taken.
    """

    async def forever() -> None:
        try:
            server = GalleryServer(pages, give, port)
        except OSError as error:
            raise CommandError(
                f"Port {port} can't be used: {error.strerror}. Leave out --port to use any free "
                "one.",
                usage=True,
            ) from error
        started(server.addresses)
        await asyncio.Event().wait()

    asyncio.run(forever())


class _Handler(web.RequestHandler):
    def initialize(self, hosts: set[str]) -> None:
        self._hosts = hosts

    def prepare(self) -> None:
        if self.request.host not in self._hosts:
            raise web.HTTPError(403)

    def set_default_headers(self) -> None:
        self.set_header("Cache-Control", "no-store")
        self.set_header("Referrer-Policy", "no-referrer")
        self.set_header("X-Content-Type-Options", "nosniff")
        self.set_header("Content-Security-Policy", "frame-ancestors 'self'")


class _Page(_Handler):
    def initialize(self, hosts: set[str], pages: Mapping[str, Page], action: str) -> None:
        super().initialize(hosts)
        self._pages, self._action = pages, action

    def get(self, assignment: str) -> None:
        if assignment not in self._pages:
            raise web.HTTPError(404)
        self.write(self._pages[assignment](self._action))


class _Marks(_Handler):
    """Takes what was changed on a page since it was opened, or since it last saved.

    The other marks on it may be older than the gradebook's: somebody else may be marking too.
    """

    def initialize(
        self, hosts: set[str], give: Give, sheets: defaultdict[str, dict[str, str]]
    ) -> None:
        super().initialize(hosts)
        self._give, self._sheets = give, sheets

    def post(self) -> None:
        sheet = self._sheets[self.get_body_argument("sheet")]
        try:
            changed = self._changed(sheet)
            marks = self._marks(changed)
            self._give(marks)
        except CommandError as error:
            self.set_status(400)
            self._say(f"Not saved. {error}", wrong=True)
            return
        sheet.update(changed)
        self._say(_in_words(marks))

    def _changed(self, saved: Mapping[str, str]) -> dict[str, str]:
        """The fields with another value than the page had, or than it has saved since."""
        fields = [f for f in self.request.body_arguments if f.startswith(("score ", "comment "))]
        values = {field: self._value(field) for field in fields}
        return {
            field: value
            for field, value in values.items()
            if value != saved.get(field, self._value(f"was {field}"))
        }

    def _marks(self, changed: Mapping[str, str]) -> list[HandMark]:
        marks = []
        for place in dict.fromkeys(field.partition(" ")[2] for field in changed):
            number, _, question = place.partition(" ")
            student = self.get_body_argument(f"student {number}")
            where = f"{question} of {self.get_body_argument(f'shown {number}')}"
            if changed.get(f"score {place}") == "":
                raise CommandError(f"{where}: a mark can be changed, but not taken back.")
            marks.append(
                HandMark(
                    assignment=self.get_body_argument("assignment"),
                    student=student,
                    question=question,
                    score=to_score(changed.get(f"score {place}", ""), where),
                    comment=changed.get(f"comment {place}", ""),
                    where=where,
                )
            )
        return marks

    def _value(self, field: str) -> str:
        return self.get_body_argument(field, "").replace("\r\n", "\n")  # as forms send lines

    def _say(self, text: str, wrong: bool = False) -> None:
        self.write(templates.get_template("said.html").render(text=text, wrong=wrong))


def _in_words(marks: list[HandMark]) -> str:
    scores = sum(mark.score is not None for mark in marks)
    comments = sum(bool(mark.comment) for mark in marks)
    counted = [(scores, "mark"), (comments, "comment")]
    said = [f"{count} {what}{'s'[: count > 1]}" for count, what in counted if count]
    return f"Saved: {' and '.join(said)}." if said else "Nothing has changed."
