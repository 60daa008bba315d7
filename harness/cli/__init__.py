"""The commands of `python -m harness`, one per file: `add()` adds its arguments, `run()` runs it.

`harness/__main__.py` lists them.
"""
