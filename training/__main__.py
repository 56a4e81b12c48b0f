"""`python -m training`: build the pictures, train the cascade, judge it, export it."""

from training.commands import app

if __name__ == "__main__":
    app()
