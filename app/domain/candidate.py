"""A call's customer, with all that decides whether and by which channel they are asked."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import NamedTuple

from app.domain.call import CallEnd
from app.domain.channel import CONTACT_KIND, WITHOUT_SENDER, Channel
from app.domain.questionnaire import Survey, Way
from app.domain.send_hours import Window, hours_for, slot, zones_of
from app.domain.sending_limits import LIMITED

_NO_SURVEY = Survey(key="", version=0, active=False)


class Finding(NamedTuple):
    """What a rule found about a candidate."""

    passed: bool
    detail: str  # for people; no phone number, no name


@dataclass(frozen=True)
class Phone:
    """A phone number as it was understood: `e164`, or the `problem` with it (masked, invalid, missing, premium)."""

    e164: str | None
    problem: str | None = None
    region: str | None = None  # ISO 3166-1 alpha-2
    timezones: tuple[str, ...] = ()


@dataclass(frozen=True)
class Candidate:
    """All that is known when a call has ended; `draw` is in [0, 1), see `eligibility.draw`."""

    call: CallEnd
    phone: Phone
    survey: Survey | None
    senders: frozenset[Channel]  # by which the account can ask; a link needs none
    draw: float
    now: datetime
    account_timezone: str
    rate: float | None = None  # by which the agent's calls are drawn this week, under a quota
    holidays: frozenset[str] = frozenset()  # of the account, as `holidays.read_holiday` gives them
    has_email: bool = False  # one that mail reaches
    in_call: bool = False  # they are on the line, and would be asked in the same call
    opted_out: bool = False
    suppressed: bool = False  # by the account, whatever they say themselves
    consented: frozenset[str] = frozenset()  # kinds of address that a consent stands for
    consent_withdrawn: bool = False
    open_survey: bool = False
    last_asked_at: datetime | None = None
    listed_as: str | None = None  # internal | test | agent: whose number it is, if no customer's
    exclusion: str | None = None  # why nobody is asked after calls of that time and queue, in words
    dry_run: str | None = None  # what is only tried, such as "queue billing"
    countries: frozenset[str] | None = None  # where texts and calls may go; None: everywhere
    used_up: str | None = None  # which of the account's caps is, for texts and calls
    customer_used_up: str | None = None  # the survey's caps, in words where they are
    agent_used_up: str | None = None
    survey_used_up: str | None = None

    @property
    def terms(self) -> Survey:
        return self.survey or _NO_SURVEY

    @property
    def probability(self) -> float:
        """With which the call is drawn. A share that is lowered holds at once, whatever rates were made before."""
        share = self.terms.probability
        return share if self.rate is None else min(self.rate, share)

    @property
    def not_after(self) -> datetime:
        return self._not_after(self.way)

    def _not_after(self, way: Way) -> datetime:
        """Nothing of ours is sent later. A link may be in the customer's hands without a word to us: for it this is
        the end of the time to answer."""
        terms = self.terms
        linked = way.channel is Channel.LINK
        within = terms.answer_page_within_seconds if linked else terms.send_within_seconds
        return self.call.ended_at + timedelta(seconds=within)

    @cached_property
    def way(self) -> Way:
        """By which the customer is asked: the first that works, or the first of all, whose failings are then told.

        In the same call nobody is asked by us but those whom their platform has brought.
        """
        if self.in_call:
            return Way(Channel.IVR)
        ways = [way for way in self.terms.channels if way.channel is not Channel.IVR] or [Way(Channel.SMS)]
        return next((way for way in ways if self._works(way)), ways[0])

    def _works(self, way: Way) -> bool:
        return (
            self.reaches(way)
            and self.has_consent(way)
            and self.can_send(way)
            and self.allows_country(way)
            and (way.channel not in LIMITED or self.used_up is None)
            and self._slot(way) is not None
        )

    def reaches(self, way: Way) -> bool:
        return self.has_email if CONTACT_KIND[way.channel] == "email" else self.phone.e164 is not None

    def has_consent(self, way: Way) -> bool:
        """One that was taken back stands against every survey; where it is needed, it is the address's, or the
        customer's for all of theirs."""
        if self.consent_withdrawn or self.terms.consent == "not_needed":
            return not self.consent_withdrawn
        return not self.consented.isdisjoint((CONTACT_KIND[way.channel], "customer"))

    def can_send(self, way: Way) -> bool:
        return way.channel in WITHOUT_SENDER or way.channel in self.senders

    def allows_country(self, way: Way) -> bool:
        return way.channel not in LIMITED or self.countries is None or self.phone.region in self.countries

    @cached_property
    def slot(self) -> Window | None:
        return self._slot(self.way)

    def _slot(self, way: Way) -> Window | None:
        zones = zones_of(self.call.timezone, self.phone.timezones, self.account_timezone)
        hours = hours_for(self.phone.region, self.terms.send_hours, way.channel, self.holidays)
        return slot(self.ready_at(way), zones, hours, self._not_after(way))

    def ready_at(self, way: Way) -> datetime:
        return max(self.now, self.call.ended_at + timedelta(seconds=self.terms.delay(way)))
