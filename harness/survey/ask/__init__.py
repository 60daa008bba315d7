"""The survey's requests: few, polite, within an allowance."""
