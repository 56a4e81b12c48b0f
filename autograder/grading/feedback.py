"""Render `feedback.html`: a single file without scripts; everything a student wrote is escaped."""

from collections.abc import Sequence

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from autograder.grading.records import Record
from pset.checks import report
from pset.checks.judging import Verdict
from pset.course import course_file, read_course

templates = Environment(
    loader=PackageLoader("autograder"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def feedback_page(record: Record, verdicts: Sequence[Verdict]) -> bytes:
    """A submission's `feedback.html`.

    Args:
        record: the grade.
        verdicts: the same, with pictures.
    """
    html = templates.get_template("feedback.html").render(
        course=read_course(course_file())["course"],
        record=record,
        blocks=[Markup(report.as_html(verdict)) for verdict in verdicts],  # which escapes the text
    )
    return html.encode("utf-8", "replace")


def with_marks_by_hand(page: bytes, record: Record) -> bytes:
    """A page with the totals and the marks by hand that its record has now.

    What was said of the code stays as it is. Nothing that a student wrote can pass for one of the
    comments that the parts stand between: in it every `<` is escaped.
    """
    for part in ("totals", "by hand"):
        begin, end = f"<!-- {part} -->\n".encode(), f"<!-- /{part} -->".encode()
        before, found, rest = page.partition(begin)
        _, ended, after = rest.partition(end)
        if found and ended:
            name = f"feedback_{part.replace(' ', '_')}.html"
            html = templates.get_template(name).render(record=record)
            page = before + begin + html.encode("utf-8", "replace") + end + after
    return page
