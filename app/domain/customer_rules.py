"""Rules about a customer and how they are reached, each a function named after the reason not to ask."""

from datetime import timedelta

from app.domain.candidate import Candidate, Finding
from app.domain.channel import CONTACT_KIND
from app.domain.listed_number import extension_in


def _by_email(candidate: Candidate) -> Finding | None:
    """Of a telephone number nothing is asked by mail."""
    if CONTACT_KIND[candidate.way.channel] != "email" or not candidate.has_email:
        return None
    return Finding(True, "asked by email")


def no_contact(candidate: Candidate) -> Finding:
    if CONTACT_KIND[candidate.way.channel] == "email":
        return _by_email(candidate) or Finding(False, "no email address was given")
    given = candidate.phone.problem != "missing"
    return Finding(given, "a phone number was given" if given else "no phone number was given")


def masked_phone(candidate: Candidate) -> Finding:
    shown = candidate.phone.problem != "masked"
    return _by_email(candidate) or Finding(
        shown, "the phone number is shown" if shown else "the phone number is hidden or masked"
    )


def internal_number(candidate: Candidate) -> Finding:
    if candidate.listed_as == "internal":
        return Finding(False, "listed as one of the company's own numbers")
    # one that is reported as the customer's is the switchboard's own
    if candidate.phone.e164 is None and extension_in(candidate.call.phone):
        return _by_email(candidate) or Finding(
            False, "an extension of the switchboard, and no customer's number"
        )
    return Finding(True, "none of the company's own numbers")


def premium_number(candidate: Candidate) -> Finding:
    premium = candidate.phone.problem == "premium"
    costly = "a number that costs more than others to reach, or is no person's"
    return _by_email(candidate) or Finding(not premium, costly if premium else "no premium number")


def invalid_phone(candidate: Candidate) -> Finding:
    valid = candidate.phone.e164 is not None
    region = candidate.phone.region or "an unknown region"
    return _by_email(candidate) or Finding(
        valid, f"a number of {region}" if valid else "not a phone number that can be texted"
    )


def agents_number(candidate: Candidate) -> Finding:
    listed = candidate.listed_as == "agent"
    return Finding(not listed, "listed as an agent's own number" if listed else "no agent's own number")


def country_not_allowed(candidate: Candidate) -> Finding:
    region = candidate.phone.region or "an unknown region"
    if candidate.allows_country(candidate.way):
        return Finding(True, "no list of countries stands against it")
    return Finding(False, f"the account sends nothing to {region}")


def no_sender(candidate: Candidate) -> Finding:
    there = candidate.can_send(candidate.way)
    return Finding(there, "the account has a sender" if there else "the account has no sender")


def opted_out(candidate: Candidate) -> Finding:
    return Finding(not candidate.opted_out, "opted out" if candidate.opted_out else "not opted out")


def suppressed(candidate: Candidate) -> Finding:
    listed = candidate.suppressed
    return Finding(not listed, "on the account's suppression list" if listed else "on no suppression list")


def no_consent(candidate: Candidate) -> Finding:
    if candidate.consent_withdrawn:
        return Finding(False, "consent was withdrawn")
    if candidate.terms.consent == "not_needed":
        return Finding(True, "no consent is needed")
    given = candidate.has_consent(candidate.way)
    return Finding(given, "consent was given" if given else "consent is needed and was not given")


def survey_open(candidate: Candidate) -> Finding:
    busy = candidate.open_survey
    return Finding(not busy, "another survey is open" if busy else "no other survey is open")


def asked_recently(candidate: Candidate) -> Finding:
    if candidate.last_asked_at is None:
        return Finding(True, "not asked before")
    again = candidate.last_asked_at + timedelta(seconds=candidate.terms.cooldown_seconds)
    return Finding(
        again <= candidate.now,
        f"last asked {candidate.last_asked_at.isoformat()}, may be asked from {again.isoformat()}",
    )


def customer_cap(candidate: Candidate) -> Finding:
    why = candidate.customer_used_up
    return Finding(why is None, "within the cap per customer" if why is None else why)
