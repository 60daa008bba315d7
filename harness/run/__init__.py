"""One pytest run: options, session, execution of rules, and what goes with them."""
