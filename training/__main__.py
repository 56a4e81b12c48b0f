"""`python -m training`: make the pictures, train the cascade, evaluate it, export it."""

from training.commands import app

if __name__ == "__main__":
    app()
