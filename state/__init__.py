"""Where rows are kept: one storage protocol, two implementations, and the stores built on it."""
