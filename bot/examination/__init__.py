"""What the doctor examines, an area in each module."""
