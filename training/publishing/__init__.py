"""What the trained model is handed over as: folders for diffusers, and its card."""
