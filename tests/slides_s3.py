"""Storage in a bucket of a real S3, as the settings would open it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import urlsplit
from uuid import uuid4

import pytest

from telepath import s3_address
from telepath.storage_s3 import S3Storage
from tests.anchors import S3
from tests.balancer import Balancer

LIMIT = 1 << 30


def credentials(patch: pytest.MonkeyPatch, key_id: str = S3.KEY_ID, secret: str = S3.SECRET) -> None:
    """What boto3 finds in the environment."""
    patch.setenv("AWS_ACCESS_KEY_ID", key_id)
    patch.setenv("AWS_SECRET_ACCESS_KEY", secret)
    patch.setenv("AWS_EC2_METADATA_DISABLED", "true")


def made_bucket(server: S3) -> str:
    name = f"slides-{uuid4().hex[:8]}"
    server.owner.create_bucket(Bucket=name)
    return name


def address(server: S3, bucket: str) -> str:
    return f"s3://{bucket}/some/prefix?region=test&endpoint={server.endpoint}"


def opened(server: S3, bucket: str, staging: Path, limit: int = LIMIT) -> S3Storage:
    return S3Storage(s3_address.read(address(server, bucket)), staging, limit)


def objects(server: S3, bucket: str) -> list[str]:
    return [one["Key"] for one in server.owner.list_objects_v2(Bucket=bucket).get("Contents", [])]


def uploads(server: S3, bucket: str) -> list[str]:
    """Those that were begun and not ended."""
    return [one["Key"] for one in server.owner.list_multipart_uploads(Bucket=bucket).get("Uploads", [])]


@asynccontextmanager
async def line(server: S3, bucket: str) -> AsyncIterator[tuple[Balancer, str]]:
    """The network between a node and the server, which counts what goes over it; and the bucket's address by it."""
    async with Balancer([urlsplit(server.endpoint).port or 0]) as between:
        yield between, address(server, bucket).replace(server.endpoint, between.origin)
