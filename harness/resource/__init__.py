"""One collection under test: what rules create, read, change and remove in it."""
