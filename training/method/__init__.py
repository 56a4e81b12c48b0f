"""How the model is trained: networks, losses, loop and stages."""
