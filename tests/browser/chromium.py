"""Where Chromium is; `python -m tests.browser.chromium` installs it where there is none."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from playwright.sync_api import BrowserType, sync_playwright

WANTED = (
    "The survey page is tried in Chromium, and there is none: install it (Debian, Ubuntu: apt install chromium;"
    " elsewhere: .venv/bin/playwright install --with-deps chromium)."
)
_NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
_APT = (("apt-get", "update"), ("apt-get", "install", "-y", "--no-install-recommends", "chromium"))
_PLAYWRIGHT = ((sys.executable, "-m", "playwright", "install", "chromium"),)


def installed() -> str | None:
    """The system's own."""
    return next(filter(None, map(shutil.which, _NAMES)), None)


def is_there(chromium: BrowserType) -> bool:
    """Whether there is one to be launched, the system's or Playwright's."""
    return installed() is not None or Path(chromium.executable_path).exists()


def main() -> int:
    """0 when there is a browser afterwards; outside of CI also when there is none: the tests then say so."""
    if installed():
        return 0
    with sync_playwright() as playwright:
        if is_there(playwright.chromium):
            return 0
    by_apt = os.geteuid() == 0 and shutil.which("apt-get")
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    print("Installing Chromium, in which the survey page is tried; this happens once ...", flush=True)  # noqa: T201
    for command in _APT if by_apt else _PLAYWRIGHT:
        if subprocess.run(command, env=environment, stdin=subprocess.DEVNULL, check=False).returncode:
            sys.stderr.write(f"{WANTED}\n")
            return 1 if os.environ.get("CI") else 0
    return 0


if __name__ == "__main__":
    sys.exit(main())
