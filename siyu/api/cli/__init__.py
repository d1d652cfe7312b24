"""The command line: `siyu COMMAND`."""

from siyu.api.cli.commands import app

__all__ = ["app"]
