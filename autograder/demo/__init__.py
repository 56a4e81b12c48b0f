"""Grade a small sample class, for a first look."""
