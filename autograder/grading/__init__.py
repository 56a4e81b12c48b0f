"""From a submission to a mark: read, run, judge, record."""
