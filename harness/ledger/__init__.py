"""What a run is about to create and has created, in memory and on disk, and how one item is removed.

`ledger.py` holds the items, `journal.py` writes them down, `removal.py` removes one. When they are removed is decided
in `harness/cleanup`.
"""
