"""`postcall senders add-mail`, `mail-password`, `mail-secret`: where mails go out, and who reports on them."""

import click

from app.cli.unit import unit_of_work
from app.flow.mail_senders import SECURITY, change_mail_password, create_mail_sender, renew_mail_secret

_PORTS = {"starttls": 587, "tls": 465, "none": 25}


@click.command("add-mail")
@click.option("--account", required=True, help="The account's name.")
@click.option("--host", required=True, help="The mail server that takes mails of yours for others.")
@click.option("--port", type=int, help="Default: 587 with STARTTLS, 465 with TLS, 25 without.")
@click.option("--security", type=click.Choice(SECURITY), default="starttls", show_default=True)
@click.option("--username", help="Whom the server knows; without it nobody logs in.")
@click.option("--password", envvar="SMTP_PASSWORD", help="Asked for with a user name, or SMTP_PASSWORD.")
@click.option("--from-address", required=True, help="Whom the mails are from, such as feedback@acme.example.")
@click.option(
    "--return-path-domain", help="Where mails that come back are received, each at an address of its own."
)
@click.option("--per-second", default=5.0, show_default=True, help="How many mails a second it may send.")
@click.option("--burst", default=20, show_default=True, help="How many at once after a pause.")
def senders_add_mail(
    *,
    account: str,
    host: str,
    port: int | None,
    security: str,
    username: str | None,
    password: str | None,
    from_address: str,
    return_path_domain: str | None,
    per_second: float,
    burst: int,
) -> None:
    """Add a mail sender; the newest one of an account is used. Shows the secret that signs reports, this once."""
    if username is not None and password is None:
        password = click.prompt("Password", hide_input=True)
    with unit_of_work() as session:
        secret = create_mail_sender(
            session,
            account_name=account,
            host=host,
            port=_PORTS[security] if port is None else port,
            security=security,
            username=username,
            password=(password or "") if username is not None else "",
            from_address=from_address,
            return_path_domain=return_path_domain,
            per_second=per_second,
            burst=burst,
        )
    click.echo("Sender added. Reports on its mails are signed with this secret, which is not shown again:")
    click.echo(secret)


@click.command("mail-password")
@click.option("--account", required=True, help="The account's name.")
@click.option("--from-address", required=True, help="Whom the mails are from.")
@click.password_option(
    "--password", envvar="SMTP_PASSWORD", confirmation_prompt=False, help="The server's new password."
)
def senders_mail_password(account: str, from_address: str, password: str) -> None:
    """Let an account's mail senders log in with a new password."""
    with unit_of_work() as session:
        changed = change_mail_password(
            session, account_name=account, from_address=from_address, password=password
        )
    click.echo(f"{changed} senders use the new password, within a few seconds.")


@click.command("mail-secret")
@click.option("--account", required=True, help="The account's name.")
@click.option("--from-address", required=True, help="Whom the mails are from.")
def senders_mail_secret(account: str, from_address: str) -> None:
    """A new secret for the reports on an account's mails; the one before it is still believed."""
    with unit_of_work() as session:
        secret = renew_mail_secret(session, account_name=account, from_address=from_address)
    click.echo(secret)
