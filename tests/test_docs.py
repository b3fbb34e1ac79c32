"""A setting, a command or an endpoint that nobody wrote about does not exist for its users."""

import dataclasses
import re
from pathlib import Path

import click
import pytest

from app.cli.main import postcall
from app.settings import Capacity, CarrierLimits, Settings
from app.web.application import create_app

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text()
OPERATIONS = (ROOT / "docs/operations.md").read_text()
EVERYTHING = README + "".join(path.read_text() for path in (ROOT / "docs").glob("*.md"))
SOURCES = "".join(path.read_text() for path in (ROOT / "app").rglob("*.py"))


def settings_read() -> list[str]:
    return sorted(set(re.findall(r'env\.\w+\("([A-Z_]+)"', (ROOT / "app/settings.py").read_text())))


@pytest.mark.parametrize("name", settings_read())
def test_every_setting_is_in_the_readme(name: str) -> None:
    assert f"`{name}`" in README


def test_every_field_of_the_settings_is_read_from_the_environment() -> None:
    fields = [field for kind in (Settings, CarrierLimits, Capacity) for field in dataclasses.fields(kind)]
    assert len(settings_read()) == len(fields) - 2  # less `carrier` and `capacity`, which hold the others


def test_the_readme_names_no_setting_that_is_gone() -> None:
    table = README.split("## Settings")[1].split("## With Twilio")[0]
    named = set(re.findall(r"`([A-Z]+(?:_[A-Z]+)+)`", table))
    assert {name for name in named if f'"{name}"' not in SOURCES} == {"PROMETHEUS_MULTIPROC_DIR"} - (
        {"PROMETHEUS_MULTIPROC_DIR"} if '"PROMETHEUS_MULTIPROC_DIR"' in SOURCES else set()
    )


def commands(group: click.Group = postcall) -> list[str]:
    return [
        f"{name} {inner}".strip()
        for name, command in group.commands.items()
        for inner in (command.commands if isinstance(command, click.Group) else [""])
    ]


@pytest.mark.parametrize("command", commands())
def test_every_command_is_in_the_operators_handbook(command: str) -> None:
    table = OPERATIONS.split("## Commands")[1].split("## Keys")[0]
    words = command.split()
    assert any(all(f"`{word}`" in row or word in row for word in words) for row in table.splitlines())


def test_every_endpoint_is_documented(settings: Settings) -> None:
    app = create_app(settings)
    described = app.test_client().get("/v1/openapi.json").get_json()["paths"]
    templates = {re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule) for rule in app.url_map.iter_rules()}
    undocumented = {
        template
        for template in templates
        if template not in described and template.split("{")[0] not in EVERYTHING
    }
    assert undocumented - {"/static/{filename}"} == set()
