"""The process itself; needs nothing but the standard library."""
