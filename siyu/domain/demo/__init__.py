"""Invented customers with orders, for trying the house out and for measuring it."""

from siyu.domain.demo.commands import BATCH_MAX, Sown, sow
from siyu.domain.demo.people import Person, Purchase, people

__all__ = ["BATCH_MAX", "Person", "Purchase", "Sown", "people", "sow"]
