"""Make the README's pictures: a collage of figures, and screenshots of the grader's pages."""
