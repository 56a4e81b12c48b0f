"""How often a message names the mistake, counted on answers written by other hands."""
