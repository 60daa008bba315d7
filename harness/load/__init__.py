"""Load on the target, and what it does to latency: open-loop arrivals, measured with the harness' own lag."""
