"""Points: a ledger that is only added to, and what it comes to."""
