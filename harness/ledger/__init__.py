"""What a run is about to create and has created, in memory and on disk."""
