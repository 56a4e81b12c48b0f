"""What makes notebooks pleasant: progress bars, pictures in a page, blocks that wait."""
