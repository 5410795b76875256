"""Adaptive Cards: pure functions from domain values to card JSON."""
