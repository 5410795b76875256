"""Conversations: the form as a waterfall of cards, and the words that people type."""
