"""What the model is trained on: a grammar, and pictures of what it can say."""
