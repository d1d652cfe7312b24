"""What data requests are made of. The request itself, with its states and deadlines, is a noun of the domain."""
