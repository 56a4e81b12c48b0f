"""Three weak entries for the challenge. What a file doesn't define is the reference solution's."""
