"""Which addresses are outside: what anybody may configure must not reach into the network that we run in."""

import re
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

_V4 = tuple(
    ip_network(one)
    for one in (
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",  # shared: behind carriers, and some clouds' own services
        "127.0.0.0/8",
        "169.254.0.0/16",  # link-local, and with it the clouds' metadata
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.88.99.0/24",
        "192.168.0.0/16",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",
        "240.0.0.0/4",
    )
)
_V6 = tuple(
    ip_network(one)
    for one in (
        "2001::/23",  # Teredo, which holds an IPv4 address, and other assignments that are nobody's host
        "2001:db8::/32",
        "2002::/16",  # 6to4, which holds one too
        "3fff::/20",
    )
)
# all that is given out to hosts; outside of it are loopback, unique local, link-local, multicast, IPv4 in any of
# its disguises (::ffff:0:0/96, ::/96) and translation (64:ff9b::/96, 64:ff9b:1::/48)
_GLOBAL_UNICAST = ip_network("2000::/3")

# what some resolvers read as an address: a last label that is a number, decimal, octal or hex
_NUMERIC = re.compile(r"(^|\.)(\d+|0[xX][0-9a-fA-F]*)\.?$")


def is_outside(address: str) -> bool:
    """Whether an address, as a resolver tells it, is one of the public internet."""
    try:
        found = ip_address(address)
    except ValueError:
        return False
    if isinstance(found, IPv4Address):
        return not any(found in network for network in _V4)
    return _is_outside_v6(found)


def _is_outside_v6(address: IPv6Address) -> bool:
    return (
        address in _GLOBAL_UNICAST
        and address.scope_id is None
        and not any(address in network for network in _V6)
    )


def is_disguised(host: str) -> bool:
    """Whether a host's name is an address in another form than its own: 2130706433, 0x7f.1, 0177.0.0.1, 127.1."""
    try:
        ip_address(host)
    except ValueError:
        return _NUMERIC.search(host) is not None
    return False
