"""The course's checks: cases, known mistakes and what to review, a file for each topic."""
