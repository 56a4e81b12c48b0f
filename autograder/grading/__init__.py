"""Turn a submission into marks: read, run, judge, record."""
