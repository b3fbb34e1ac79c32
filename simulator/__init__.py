"""The outside world of the service on one machine: a carrier, telephones and a switchboard.

It speaks to the service as the real ones do, over HTTP, and shares no code with it.
"""

from functools import partial

from flask import Flask

from simulator.carrier import Carrier, carrier_room
from simulator.config import SimulatorConfig
from simulator.courier import Courier
from simulator.crowd import Crowd, crowd_room
from simulator.doors import json_errors
from simulator.faults import FaultBoard, faults_room
from simulator.ledger import Ledger, Message, ledger_room
from simulator.mail_client import MailClient, mail_room
from simulator.mail_server import MailServer
from simulator.mailboxes import Mailboxes
from simulator.optouts import OptOuts
from simulator.pages import AGENTS, pages_room
from simulator.phones import Phones, phones_room
from simulator.receipts import Receipts
from simulator.registry import registry_room
from simulator.results import Results, results_room
from simulator.service import Service, service_room
from simulator.stream import Bell, stream_room
from simulator.switchboard import Switchboard, switchboard_room
from simulator.voice_calls import Calls, calls_room
from simulator.voice_carrier import VoiceCarrier, voice_room
from simulator.voice_exchange import Exchange
from simulator.voice_line import Wires
from simulator.voice_phones import voice_phones_room
from simulator.voice_receipts import VoiceReceipts
from simulator.voice_recordings import Recordings, recordings_room
from simulator.voice_stay import Stays

__all__ = ["SimulatorConfig", "create_simulator"]


def create_simulator(config: SimulatorConfig) -> Flask:
    """Put the rooms together. `app.extensions["courier"]` and `["service"]` are to be closed at the end.

    `app.extensions["mail_server"]` makes its mail server, on a host and a port.
    """
    app = Flask("simulator", root_path=__path__[0])
    app.config["MAX_CONTENT_LENGTH"] = 16 * 1024 * 1024
    bell = Bell()
    faults = FaultBoard()
    optouts = OptOuts()
    service = Service(config)
    courier = Courier()

    def tell(message: Message) -> None:
        bell.ring("messages")
        crowd.hear(message)

    ledger = Ledger(config.ledger_size, tell)
    mailboxes = Mailboxes(config.mails_kept, partial(bell.ring, "mails"))
    phones = Phones(config, ledger, optouts, service)
    voice_receipts = VoiceReceipts(service, courier)
    recordings = Recordings(courier, voice_receipts, faults, config.step_seconds)
    calls = Calls(config.rings_kept, partial(bell.ring, "rings"))
    wires = Wires(calls, service, courier, voice_receipts, recordings, config.telephone_seconds)
    exchange = Exchange(wires, faults, config.step_seconds)
    switchboard = Switchboard(service, bell, Stays(config, calls, exchange, faults))
    crowd = Crowd(courier, bell, switchboard.hang_up, phones.text)
    results = Results(service, bell, [agent["id"] for agent in AGENTS])
    receipts = Receipts(ledger, courier, service, config.step_seconds)
    app.extensions.update(courier=courier, service=service)
    app.extensions["mail_server"] = partial(MailServer, mailboxes, faults)
    carrier = Carrier(config, ledger, faults, optouts, receipts)
    app.register_blueprint(carrier_room(carrier))
    app.register_blueprint(voice_room(VoiceCarrier(config, calls, exchange, faults), carrier.authenticate))
    app.register_blueprint(recordings_room(recordings, carrier.authenticate))
    app.register_blueprint(calls_room(calls))
    app.register_blueprint(voice_phones_room(calls, exchange))
    app.register_blueprint(registry_room(config, carrier.authenticate))
    app.register_blueprint(ledger_room(ledger))
    app.register_blueprint(phones_room(phones))
    app.register_blueprint(mail_room(mailboxes, MailClient(mailboxes, service)))
    app.register_blueprint(switchboard_room(switchboard))
    app.register_blueprint(crowd_room(crowd))
    app.register_blueprint(results_room(results))
    app.register_blueprint(stream_room(bell, results.look))
    app.register_blueprint(faults_room(faults))
    app.register_blueprint(service_room(service))
    app.register_blueprint(pages_room(config))
    json_errors(app)
    return app
