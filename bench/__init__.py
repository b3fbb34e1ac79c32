"""The benchmark: what the service does in a second, as a share of what its parts could do at most."""
