"""The HTML report and what decides its parts."""
