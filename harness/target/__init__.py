"""The target: where it is, under which credentials, and what is secret."""
