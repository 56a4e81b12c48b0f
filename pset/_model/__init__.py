"""What `pset.load_model` uses to find, download and run a model."""
