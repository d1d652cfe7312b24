"""Invented customers with orders, tags and segments, for trying the house out and for measuring it."""

from siyu.domain.demo.audiences import Arranged, arrange
from siyu.domain.demo.commands import BATCH_MAX, Sown, sow
from siyu.domain.demo.people import Person, Purchase, people

__all__ = ["BATCH_MAX", "Arranged", "Person", "Purchase", "Sown", "arrange", "people", "sow"]
