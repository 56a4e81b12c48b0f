"""A small class handed in and graded, for a first look."""
