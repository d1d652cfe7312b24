"""Scores of recency, frequency and money."""
