"""The outside world of the service on one machine: a carrier, telephones and a switchboard.

It speaks to the service as the real ones do, over HTTP, and shares no code with it.
"""

from flask import Flask

from simulator.carrier import Carrier, carrier_room
from simulator.config import SimulatorConfig
from simulator.courier import Courier
from simulator.crowd import Crowd, crowd_room
from simulator.doors import json_errors
from simulator.faults import FaultBoard, faults_room
from simulator.ledger import Ledger, Message, ledger_room
from simulator.optouts import OptOuts
from simulator.pages import AGENTS, pages_room
from simulator.phones import Phones, phones_room
from simulator.receipts import Receipts
from simulator.registry import registry_room
from simulator.results import Results, results_room
from simulator.service import Service, service_room
from simulator.stream import Bell, stream_room
from simulator.switchboard import Switchboard, switchboard_room

__all__ = ["SimulatorConfig", "create_simulator"]


def create_simulator(config: SimulatorConfig) -> Flask:
    """Put the rooms together. `app.extensions["courier"]` and `["service"]` are to be closed at the end."""
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
    phones = Phones(config, ledger, optouts, service)
    switchboard = Switchboard(service, bell)
    crowd = Crowd(courier, bell, switchboard.hang_up, phones.text)
    results = Results(service, bell, [agent["id"] for agent in AGENTS])
    receipts = Receipts(ledger, courier, service, config.step_seconds)
    app.extensions.update(courier=courier, service=service)
    carrier = Carrier(config, ledger, faults, optouts, receipts)
    app.register_blueprint(carrier_room(carrier))
    app.register_blueprint(registry_room(config, carrier.authenticate))
    app.register_blueprint(ledger_room(ledger))
    app.register_blueprint(phones_room(phones))
    app.register_blueprint(switchboard_room(switchboard))
    app.register_blueprint(crowd_room(crowd))
    app.register_blueprint(results_room(results))
    app.register_blueprint(stream_room(bell, results.look))
    app.register_blueprint(faults_room(faults))
    app.register_blueprint(service_room(service))
    app.register_blueprint(pages_room(config))
    json_errors(app)
    return app
