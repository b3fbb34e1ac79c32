"""Twilio's REST API for an account and its numbers, as far as an operator's check asks for them."""

import hashlib
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any

from flask import Blueprint, request

from simulator.config import SimulatorConfig
from simulator.refusals import CARRIER_PREFIX

_SINCE = format_datetime(datetime(2025, 1, 1, tzinfo=UTC))


def _number(config: SimulatorConfig, number: str) -> dict[str, Any]:
    """Every number brings its texts to the service, see `Phones`."""
    sid = "PN" + hashlib.sha256(number.encode()).hexdigest()[:32]
    hook = f"{config.service_url}/hooks/twilio/inbound"
    return {
        "account_sid": config.account_sid,
        "address_requirements": "none",
        "address_sid": None,
        "api_version": "2010-04-01",
        "beta": False,
        "bundle_sid": None,
        "capabilities": {"fax": False, "mms": False, "sms": True, "voice": True},
        "date_created": _SINCE,
        "date_updated": _SINCE,
        "emergency_address_sid": None,
        "emergency_address_status": "unregistered",
        "emergency_status": "Inactive",
        "friendly_name": number,
        "identity_sid": None,
        "origin": "twilio",
        "phone_number": number,
        "sid": sid,
        "sms_application_sid": None,
        "sms_fallback_method": "POST",
        "sms_fallback_url": hook,
        "sms_method": "POST",
        "sms_url": hook,
        "status": "in-use",
        "status_callback": None,
        "status_callback_method": "POST",
        "trunk_sid": None,
        "type": "local",
        "uri": f"{CARRIER_PREFIX}Accounts/{config.account_sid}/IncomingPhoneNumbers/{sid}.json",
        "voice_application_sid": None,
        "voice_caller_id_lookup": False,
        "voice_fallback_method": "POST",
        "voice_fallback_url": None,
        "voice_method": "POST",
        "voice_receive_mode": "voice",
        "voice_url": None,
    }


def registry_room(config: SimulatorConfig, authenticate: Callable[[str], None]) -> Blueprint:
    """`authenticate` refuses a request without the credentials of the account in its path."""
    room = Blueprint("registry", __name__, url_prefix=f"{CARRIER_PREFIX}Accounts")

    @room.get("/<account_sid>.json")
    def account(account_sid: str) -> dict[str, Any]:
        authenticate(account_sid)
        uri = f"{CARRIER_PREFIX}Accounts/{account_sid}"
        return {
            "auth_token": config.auth_token,
            "date_created": _SINCE,
            "date_updated": _SINCE,
            "friendly_name": "Simulated",
            "owner_account_sid": account_sid,
            "sid": account_sid,
            "status": "active",
            "subresource_uris": {
                "incoming_phone_numbers": f"{uri}/IncomingPhoneNumbers.json",
                "messages": f"{uri}/Messages.json",
            },
            "type": "Full",
            "uri": f"{uri}.json",
        }

    @room.get("/<account_sid>/IncomingPhoneNumbers.json")
    def numbers(account_sid: str) -> dict[str, Any]:
        """One page; the filter takes parts of a number, as Twilio's does."""
        authenticate(account_sid)
        wanted = request.args.get("PhoneNumber", "")
        found = [_number(config, number) for number in config.numbers if wanted in number]
        return {
            "end": max(len(found) - 1, 0),
            "first_page_uri": request.full_path.rstrip("?"),
            "incoming_phone_numbers": found,
            "next_page_uri": None,
            "page": 0,
            "page_size": 50,
            "previous_page_uri": None,
            "start": 0,
            "uri": request.full_path.rstrip("?"),
        }

    return room
