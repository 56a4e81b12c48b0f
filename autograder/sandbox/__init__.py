"""Run a stranger's code in a process of its own, and talk to it without believing it."""
