"""What becomes of marks: nbgrader, Canvas, the gallery, the class report."""
