"""Helpers for notebooks: progress bars, pictures as URIs, blocks that need unwritten code."""
