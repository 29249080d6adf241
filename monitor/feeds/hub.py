"""One request to a WebSub hub, under the same guard and proxies as a fetch. What goes wrong is a clause for a person."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

import aiohttp
from yarl import URL

from monitor.feeds.guard import crossing
from monitor.feeds.problems import in_words, not_allowed
from monitor.feeds.web import ProxyUnusable, guard_of, proxy_for

TIMEOUT = 30.0
"""Seconds that a hub may take to answer."""
_REDIRECTS = 3


async def ask(session: aiohttp.ClientSession, hub: str, fields: Mapping[str, str], within: float = TIMEOUT) -> str:
    """POSTs a form to `hub`; why it did not take it, "" when it did. Nothing but the status of its answer is read.

    session: as made by `web.session`. within: seconds for everything. Redirects are followed where they keep the request as it is.
    """
    try:
        address = URL(hub)
        async with asyncio.timeout(within):
            for _ in range(_REDIRECTS + 1):
                answered = await _post(session, address, fields)
                if isinstance(answered, str):
                    return answered
                address = answered
    except TimeoutError:
        return f"no answer within {within:g} s"
    except ProxyUnusable as error:
        return str(error)
    except ValueError:
        return "it is not at a web address"
    return f"the hub redirects more than {_REDIRECTS} times"


async def _post(session: aiohttp.ClientSession, address: URL, fields: Mapping[str, str]) -> str | URL:
    """What went wrong, "" if nothing; or where to go on. Raises TimeoutError, ProxyUnusable, ValueError."""
    if address.scheme not in ("http", "https") or not address.host:
        raise ValueError(address)
    proxy, guard = proxy_for(address), guard_of(session)
    if proxy is not None and guard and (what := guard.refuses_name(address.host)):
        return not_allowed(address, [f"{address.host}, {what}"])
    login = aiohttp.encode_basic_auth(proxy.user, proxy.password or "") if proxy is not None and proxy.user else ""
    with crossing(proxy=proxy is not None) as way:
        try:
            async with session.post(
                address,
                data=fields,
                allow_redirects=False,
                proxy=proxy.with_user(None) if proxy is not None else None,
                proxy_headers={"Proxy-Authorization": login} if login else None,
            ) as response:
                if response.status in (307, 308) and "Location" in response.headers:
                    return address.join(URL(response.headers["Location"]))
                return "" if 200 <= response.status < 300 else f"the hub answered {response.status}"
        except TimeoutError:
            raise
        except (aiohttp.ClientError, OSError) as error:
            return not_allowed(address, way.refused) if way.refused else in_words(error, address)
