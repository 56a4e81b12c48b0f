"""How good the model is: samples, an independent judge, and tables of scores."""
