"""Build the course: solutions, the notebooks made from them, references, figures, secret."""
