"""Where a bucket is: ``s3://bucket/prefix?endpoint=https://s3.example&region=fr-par``.

No credentials stand in it: they come as everybody's come to boto3 (AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, a file that
AWS_SHARED_CREDENTIALS_FILE names, the role of the machine)."""

from ipaddress import ip_address
from typing import Final
from urllib.parse import parse_qsl, unquote, urlsplit

import msgspec

PARAMETERS: Final = frozenset({"endpoint", "region"})


class S3Address(msgspec.Struct, frozen=True, kw_only=True):
    bucket: str
    prefix: str
    """Before every key; empty, or ended by a slash."""
    endpoint: str | None
    """None: Amazon's."""
    region: str | None

    @property
    def in_the_clear(self) -> bool:
        """Whether slides go over a network without TLS."""
        if self.endpoint is None or self.endpoint.startswith("https://"):
            return False
        host = urlsplit(self.endpoint).hostname or ""
        try:
            return not ip_address(host).is_loopback
        except ValueError:
            return host != "localhost"


def read(url: str) -> S3Address:
    """Raises ValueError: it is not such an address."""
    parts = urlsplit(url)
    given = dict(parse_qsl(parts.query, keep_blank_values=True, strict_parsing=True)) if parts.query else {}
    if parts.scheme != "s3" or not parts.netloc or parts.fragment or not given.keys() <= PARAMETERS:
        raise ValueError(url)
    if "@" in parts.netloc or ":" in parts.netloc or not all(given.values()):
        raise ValueError(url)
    endpoint = given.get("endpoint")
    if endpoint is not None:
        server = urlsplit(endpoint)
        if server.scheme not in ("https", "http") or not server.hostname or server.username or server.query:
            raise ValueError(url)
        _ = server.port  # ValueError: no number
    prefix = unquote(parts.path, errors="strict").strip("/")
    return S3Address(
        bucket=parts.netloc,
        prefix=f"{prefix}/" if prefix else "",
        endpoint=endpoint,
        region=given.get("region"),
    )
