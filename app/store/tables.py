"""Every table, for migrations and whatever else needs them all at once."""

from app.store.accounts import Account, ApiKey, SendingPause
from app.store.answers import Answer
from app.store.audit import Audit
from app.store.base import Base
from app.store.calls import Call
from app.store.connection_events import ConnectionEvent
from app.store.connections import Connection
from app.store.contacts import Contact
from app.store.dry_runs import DryRun
from app.store.events import Event
from app.store.facts import Agent, FactDay, FactMonth, FactVersion, FactWeek, StaleCell
from app.store.invitations import Invitation
from app.store.messages import Attempt, Message
from app.store.phone_surveys import PhoneSurvey
from app.store.provider_events import ProviderEvent
from app.store.recordings import Recording
from app.store.roster import RosterEntry
from app.store.senders import Sender, SenderAccount
from app.store.sending_days import SendingDay
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
    "Connection",
    "ConnectionEvent",
    "Contact",
    "DryRun",
    "Event",
    "FactDay",
    "FactMonth",
    "FactVersion",
    "FactWeek",
    "Invitation",
    "Message",
    "PhoneSurvey",
    "ProviderEvent",
    "Recording",
    "RosterEntry",
    "Sender",
    "SenderAccount",
    "SendingDay",
    "SendingPause",
    "StaleCell",
    "SurveyVersion",
    "metadata",
]
