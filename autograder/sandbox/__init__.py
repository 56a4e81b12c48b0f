"""Run untrusted code in a separate process, and talk to it without trusting its answers."""
