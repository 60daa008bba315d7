"""Here so that pytest puts the checkout's root on the import path: tests import `tests.matrix.defect`.

No plugins and no fixtures: the suites beside it are run from any folder, and must not depend on this file.
"""
