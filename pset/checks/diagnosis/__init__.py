"""Find out what's wrong with an answer, instead of recognising it.

`diagnose` first compares the answer with what the solution would have returned with one thing
wrong (`defects`, `counterfactuals`, and the mutants that `make references` makes of the solution's
code). If nothing fits, it calls the student's function again with one thing changed, and reads the
answers (`probes`). None of it knows any exercise.
"""

from pset.checks.diagnosis.diagnose import Diagnosis, diagnose, driven
from pset.checks.diagnosis.finding import Finding
from pset.checks.diagnosis.probes import Ask

__all__ = ["Ask", "Diagnosis", "Finding", "diagnose", "driven"]
