"""The bot: the process, its cards and conversations, and the Teams edge."""

__version__ = "0.1.0"
