"""Everything that sends: the client, its recorder, raw connections, budget and circuit breaker."""
