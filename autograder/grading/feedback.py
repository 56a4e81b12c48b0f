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
        blocks=[Markup(report.as_html(verdict)) for verdict in verdicts],  # escapes by itself
    )
    return html.encode("utf-8", "replace")
