"""Publish the trained model: folders for diffusers, and a model card."""
