"""Marks and comments that a person gave, put into results that the grader wrote."""

from collections.abc import Sequence
from pathlib import Path

from autograder.grading.feedback import with_marks_by_hand
from autograder.grading.records import FEEDBACK, Given, Record, hash_of_page, save_record
from pset.files import write_whole


def save_given(results: Path, record: Record, given: Sequence[Given]) -> Record:
    """Have the record of a submission, and its page, say what a person gave.

    Args:
        results: what `grade` has written.
        record: of the submission.
        given: all that was given; what the record had before is replaced.

    Returns:
        The record as it is now.
    """
    if list(given) == record.given:
        return record
    folder = results / record.student / record.assignment
    now = record.model_copy(update={"given": list(given)})
    if (folder / FEEDBACK).is_file():
        page = with_marks_by_hand((folder / FEEDBACK).read_bytes(), now)
        now = now.model_copy(update={"feedback": hash_of_page(page)})
        # If it's interrupted between the two, they don't match, and it's graded again.
        write_whole(folder / FEEDBACK, page)
    save_record(folder, now)
    return now
