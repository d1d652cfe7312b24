"""Siyu: a headless CRM in which a person's privacy is a property of the code."""

__version__ = "0.1.0"
