"""Email addresses as they are kept."""


def read_email(raw: str | None) -> str | None:
    """None for what platforms write where there is none ("n/a", "-"): all those would be one customer."""
    text = (raw or "").strip()
    name, at, domain = text.rpartition("@")
    return text if name and at and domain and len(text.split()) == 1 else None
