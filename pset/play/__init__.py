"""Things to play with in a notebook, each with a still picture for where nothing moves."""
