"""Segments: named sets of customers, and who was in them when."""
