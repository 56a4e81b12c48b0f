"""How `pset.load_model` finds, fetches and runs a model."""
