"""Telephone numbers as the network writes them."""

import re

E164 = re.compile(r"\+[1-9][0-9]{6,14}")
