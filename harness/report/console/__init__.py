"""Reports for a terminal and for the log of a CI job."""
