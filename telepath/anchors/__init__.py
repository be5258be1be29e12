"""Who outside keeps copies of the audit's signed heads (README.md)."""
