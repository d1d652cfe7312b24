"""Stages of customers, and how active they are."""
