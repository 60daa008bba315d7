"""When what a run created is removed: at its end (`run_ledger.py`), and after it was killed (`recovery.py`).

How one item is removed is in `harness/ledger`.
"""
