"""Why a connection by TLS came to nothing, by what OpenSSL says of it, and the likely cure."""

import re
from typing import NamedTuple

from genesis_mcp.errors import ConfigError, GenesisError, StoreUnavailable


class Peer(NamedTuple):
    """A kind of server, and what is said to whoever configures the way to it."""

    name: str
    authority: str
    """What names the file of the authorities that are trusted."""
    own: str
    """What names the client's own certificate."""
    with_tls: str
    """What to write for a server that wants TLS."""
    without_tls: str
    """What to do where there is none."""


OTHER_NAME = (
    "The certificate of {name} is for another host than that of the URL: write the host as the "
    "certificate has it, or have one made for this host."
)
EXPIRED = (
    "The certificate of {name} has expired: renew it there. If it has not, this machine's clock is "
    "wrong."
)
NOT_YET = "The certificate of {name} is not valid yet: compare the clocks of both machines."
NOT_TRUSTED = (
    "The certificate of {name} is not trusted here: {authority} names a file of the authorities "
    "that are, which must be the one that signed it."
)
NO_TLS_THERE = "What answers at the port of {name} takes no TLS: {without_tls}."
BREAKS_OFF = (
    "What answers at the port of {name} breaks TLS off. Either it takes none: {without_tls}; or it "
    "wants a certificate that it knows: check {own}."
)
NO_FILE = (
    "A file for TLS cannot be read, or holds no certificate (with its key, where it is your own) "
    "in PEM: check {authority}, and {own}."
)
WANTS_CERTIFICATE = (
    "The server does not let {name} be reached without a certificate that it knows: check {own}."
)
FAILED = "The TLS connection to {name} failed: check the port, and the certificate there."
HANGS_UP = (
    "What answers at the port of {name} closes connections without an answer: it may be starting "
    "or ending, or want {wanted}."
)

_TELLING = (
    (re.compile("mismatch|not valid for"), OTHER_NAME),
    (re.compile("has expired"), EXPIRED),
    (re.compile("not yet valid"), NOT_YET),
    # Alerts of the server, with words that also tell of its own certificate.
    (re.compile("ALERT_(CERTIFICATE|BAD_CERT|UNKNOWN_CA)|CERTIFICATE_REQUIRED"), WANTS_CERTIFICATE),
    (re.compile("VERIFY_FAILED"), NOT_TRUSTED),
    (re.compile("WRONG_VERSION|RECORD_LAYER|PACKET_LENGTH|UNKNOWN_PROTOCOL"), NO_TLS_THERE),
    (re.compile(r"EOF|reset by peer|WinError 100\d\d"), BREAKS_OFF),
    (re.compile(r"Errno (2|13|21)\]|not readable|X509|PEM|KEY_VALUES"), NO_FILE),
)
"""By the reasons of OpenSSL's errors and Python's words, the first that fits."""

_OF_TLS = re.compile("SSL|certificate|TLS|PEM|X509")


def refusal(said: str, peer: Peer) -> GenesisError | None:
    """The error for what an exception says, whose text goes nowhere; None if it is not of TLS.

    A ConfigError where a file cannot be used, else a StoreUnavailable.
    """
    if not _OF_TLS.search(said):
        return None
    text = next((text for pattern, text in _TELLING if pattern.search(said)), FAILED)
    return bad_file(peer) if text is NO_FILE else StoreUnavailable(text.format(**peer._asdict()))


def bad_file(peer: Peer) -> ConfigError:
    """For a file of certificates that cannot be used."""
    return ConfigError(NO_FILE.format(**peer._asdict()))


def hangs_up(peer: Peer, *, by_tls: bool) -> str:
    """What is said of a server that closes a new connection before it says anything."""
    wanted = f"a certificate that it knows: check {peer.own}" if by_tls else peer.with_tls
    return HANGS_UP.format(name=peer.name, wanted=wanted)
