"""Every table, for migrations and whatever else needs them all at once."""

from app.store.accounts import Account, ApiKey, SendingPause
from app.store.answers import Answer
from app.store.audit import Audit
from app.store.base import Base
from app.store.calls import Call
from app.store.connection_events import ConnectionEvent
from app.store.connections import Connection
from app.store.contact_changes import ContactChange
from app.store.contacts import Contact
from app.store.dry_runs import DryRun
from app.store.events import Event
from app.store.exclusions import ExclusionRow
from app.store.facts import Agent, FactDay, FactMonth, FactVersion, FactWeek, StaleCell
from app.store.handlers import CallHandler
from app.store.invitations import Invitation
from app.store.listed_numbers import ListedNumber
from app.store.messages import Attempt, Message
from app.store.phone_surveys import PhoneSurvey
from app.store.provider_events import ProviderEvent
from app.store.recordings import Recording
from app.store.roster import RosterEntry
from app.store.sampling_rates import SamplingRate
from app.store.senders import Sender, SenderAccount
from app.store.sending_days import SendingDay
from app.store.sending_permits import SendingPermit
from app.store.surveys import SurveyVersion

metadata = Base.metadata

__all__ = [
    "Account",
    "Agent",
    "Answer",
    "ApiKey",
    "Attempt",
    "Audit",
    "Call",
    "CallHandler",
    "Connection",
    "ConnectionEvent",
    "Contact",
    "ContactChange",
    "DryRun",
    "Event",
    "ExclusionRow",
    "FactDay",
    "FactMonth",
    "FactVersion",
    "FactWeek",
    "Invitation",
    "ListedNumber",
    "Message",
    "PhoneSurvey",
    "ProviderEvent",
    "Recording",
    "RosterEntry",
    "SamplingRate",
    "Sender",
    "SenderAccount",
    "SendingDay",
    "SendingPause",
    "SendingPermit",
    "StaleCell",
    "SurveyVersion",
    "metadata",
]
