"""What happens to marks: nbgrader, Canvas, the gallery, the class report."""
