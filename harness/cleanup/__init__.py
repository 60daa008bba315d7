"""Removal of what a run created: when the run ends, and after it was killed."""
