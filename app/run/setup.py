"""`python -m app.run.setup`: migrate, and prepare the demonstration; writes its API key to stdout.

A process of its own, so that the supervisor stays small and outlives whatever happens here.
"""

import os
import sys

from app.db import migrate
from app.run.demonstration import prepare
from app.settings import load_settings


def main() -> None:
    settings = load_settings()
    migrate(settings.database_url)
    api_key = prepare(
        settings,
        api_key=os.environ.get("SERVICE_API_KEY") or None,
        twilio_account_sid=os.environ["TWILIO_ACCOUNT_SID"],
        twilio_auth_token=os.environ["TWILIO_AUTH_TOKEN"],
        number=os.environ["SIMULATOR_NUMBER"],
        smtp_port=int(os.environ["SIMULATOR_SMTP_PORT"]),
        mail_secret=os.environ["SIMULATOR_MAIL_REPORTS_SECRET"],
    )
    sys.stdout.write(api_key)


if __name__ == "__main__":
    main()
