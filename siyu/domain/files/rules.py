"""Rules of files: pure."""

from __future__ import annotations

from siyu.domain.kernel import normal

FILENAME_LENGTH_MAX = 200
_FORBIDDEN = str.maketrans(dict.fromkeys('<>:"|?*', "_"))


def filename(given: str) -> str:
    """A file's name to show and to offer: no folder, nothing that a file system or a header could read as more than a name."""
    last = normal.line(given.replace("\\", "/")).rsplit("/", 1)[-1].translate(_FORBIDDEN).strip(". ")
    stem, dot, ending = last.rpartition(".")
    if len(last) <= FILENAME_LENGTH_MAX:
        return last or "file"
    kept = dot + ending if dot and len(ending) <= 10 else ""
    return (stem or last)[: FILENAME_LENGTH_MAX - len(kept)] + kept


def nameless(filename: str) -> str:
    """What may stay of a file's name when somebody is erased: its ending. People name files after customers."""
    ending = filename.rpartition(".")[2].lower() if "." in filename else ""
    return f"file.{ending}" if ending.isalnum() and ending.isascii() and len(ending) <= 5 else "file"
