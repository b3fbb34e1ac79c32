"""The API for scorecard systems and operators' tools, by API key; documented at /docs/."""
