"""What a rule is, what it says while it runs, and how it is judged."""
