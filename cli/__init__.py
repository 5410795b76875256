"""The sub-commands of `app.py`: what an administrator types."""
