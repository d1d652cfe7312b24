"""`python -m siyu` is the command line."""

from siyu.api.cli import app

if __name__ == "__main__":
    app()
