"""The training data: a grammar of prompts, and pictures of what they describe."""
