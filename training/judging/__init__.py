"""Evaluate the model: samples, an independent judge, and tables of scores."""
