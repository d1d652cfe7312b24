"""Rules: who belongs, said as a tree or as text, checked, explained and applied."""
