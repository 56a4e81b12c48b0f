"""The folder of results: look up earlier grades, and save new ones."""

from dataclasses import replace
from pathlib import Path

from autograder.grading.grade_one import Graded
from autograder.grading.records import FEEDBACK, Record, has_its_page, load_record, save_record
from autograder.grading.work import Work
from autograder.submission.find import Submission
from pset.files import write_whole


class ResultStore:
    """Looks up earlier grades, and saves new ones.

    Args:
        out: where results go.
        again: the name of a run that grades everything again, but nothing twice even if it's
            interrupted; without one, only what has changed is graded.
    """

    def __init__(self, out: Path, again: str = "") -> None:
        self._out, self._again = out, again

    def unchanged(self, work: Work) -> Record | None:
        """The grade from before, if it doesn't have to be graded again."""
        folder = self._folder(work.submission)
        before = load_record(folder)
        if (
            before is not None
            and before.key == work.key
            and before.student == work.submission.student  # a disk may take two names for one
            and (not self._again or before.run == self._again)
            and has_its_page(folder, before)
        ):
            return before
        return None

    def with_entry(self, work: Work) -> Work:
        """The same work with its entry in the challenge from before, unless it's to be run anew."""
        before = load_record(self._folder(work.submission))
        if before is None or before.student != work.submission.student:
            return work
        if work.competes and self._again and before.run != self._again:
            return work
        return replace(work, entry=before.entry)

    def save(self, work: Work, graded: Graded) -> Record:
        """Save a grade with its page, and return it as it's saved."""
        folder = self._folder(work.submission)
        record = graded.record.model_copy(
            update={"remarks": list(work.submission.remarks), "run": self._again}
        )
        write_whole(folder / FEEDBACK, graded.page)
        save_record(folder, record)  # last: where there is a record, there is feedback
        return record

    def _folder(self, submission: Submission) -> Path:
        return self._out / submission.student / submission.assignment
