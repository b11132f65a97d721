"""The dated tree of units: what it is, how it is changed, what a change touches."""
