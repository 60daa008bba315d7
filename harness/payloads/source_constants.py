"""Generation that does not depend on which modules are imported.

Hypothesis collects the constants in the source of every imported module that is not installed, to draw them now and
then. In a checkout these are all modules of the harness: seconds of each run, and other examples whenever one more
module is imported, so that a seed would not replay them.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def without_source_constants() -> Iterator[None]:
    """Within it, hypothesis draws no constants from the source of modules.

    It has no setting for that. Should a later version do it in another way, generation still works, and takes longer.
    """
    # Imported here, as this takes longer than all other imports.
    from hypothesis.internal.conjecture import providers
    from hypothesis.internal.constants_ast import Constants

    collect = getattr(providers, "_get_local_constants", None)
    if collect is None:
        yield
        return
    none = Constants()
    providers._get_local_constants = lambda: none
    # What it has kept of draws before holds constants of modules.
    providers.CONSTANTS_CACHE.cache.clear()
    try:
        yield
    finally:
        providers._get_local_constants = collect
        providers.CONSTANTS_CACHE.cache.clear()
