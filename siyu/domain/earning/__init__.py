"""What customers earn points for."""
