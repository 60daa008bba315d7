"""Who speaks to the target: credentials as the profile writes them, as requests carry them, and how tokens come by."""
