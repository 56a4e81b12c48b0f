"""Reference solutions: one readable source per assignment, and the known mistakes beside them."""
