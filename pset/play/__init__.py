"""Interactive figures for notebooks. Each includes a still picture for where scripts don't run."""
