"""HTTP: each view parses, does one unit of work by one flow, and translates back."""
