"""The Teams edge: who is calling, what was said, and how answers leave."""
