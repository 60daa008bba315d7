"""The conformance suites, one topic a folder. `pytest --target-url URL` collects them; nothing imports them."""
