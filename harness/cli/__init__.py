"""The larger commands of `python -m harness`, one a file: each adds its arguments and runs."""
