"""What goes wrong between us and a server, as clauses for a person."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Sequence

import aiohttp
from yarl import URL

from monitor.feeds.answers import one_line


def not_allowed(url: URL, refused: Sequence[str]) -> str:
    """The guard refused a connection. refused: each address and what kind of address it is, as it says."""
    address, _, what = refused[0].partition(", ")
    where = address if address == url.host else f"{one_line(url.host)} is at {address},"
    return f"{where} {'is ' if address == url.host else ''}{what}, which MONITOR_ALLOW_ADDRESSES does not allow"


def in_words(error: Exception, url: URL) -> str:
    """Why a request to `url` came to nothing."""
    match error:
        case aiohttp.ClientConnectorCertificateError():
            return f"the certificate of {error.host} is not valid: {_certificate(error.certificate_error)}"
        case aiohttp.ClientSSLError():
            return f"{error.host} does not speak TLS as it should: {_certificate(error.os_error)}"
        case aiohttp.ClientHttpProxyError():
            return f"the proxy answered {error.status} {one_line(error.message, 100)}".strip()
        case aiohttp.ClientProxyConnectionError():
            return f"the proxy at {error.host}:{error.port} does not answer"
        case aiohttp.ClientConnectorDNSError():
            lasting = not (isinstance(error.os_error, socket.gaierror) and error.os_error.errno == socket.EAI_AGAIN)
            return f"the host name {error.host} " + ("is not known" if lasting else "cannot be looked up now")
        case aiohttp.ClientConnectorError() if isinstance(error.os_error, ConnectionRefusedError):
            return f"nothing answers at {error.host}:{error.port}"
        case aiohttp.ClientConnectorError():
            return f"{error.host}:{error.port} cannot be reached: {one_line(error.os_error.strerror or error.os_error)}"
        case aiohttp.ServerDisconnectedError() | ConnectionResetError():
            return f"{url.host} closed the connection without an answer"
        case aiohttp.ClientPayloadError():
            return f"the answer broke off or is not compressed as it says ({one_line(error)})"
        case aiohttp.ClientResponseError():
            return f"the answer is not proper HTTP ({one_line(error.message)})"
        case _:
            return f"the connection to {url.host} failed ({one_line(error) or type(error).__name__})"


def _certificate(error: Exception) -> str:
    return one_line(error.verify_message if isinstance(error, ssl.SSLCertVerificationError) else getattr(error, "reason", None) or error)
