"""The report: `conformance.json` is the truth, every other format is a view of it."""
