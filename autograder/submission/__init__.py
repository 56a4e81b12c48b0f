"""What a student handed in: find it, read it, cut it into statements and pictures."""
