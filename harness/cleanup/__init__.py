"""What a run created is removed: when it ends, and after it was killed."""
