"""What every handler needs around its use case."""
