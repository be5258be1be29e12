"""A client of S3. The one module that imports boto3 and botocore, which take a third of a second and 40 MB: import it late."""

from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

__all__ = ["BotoCoreError", "ClientError", "made", "refusal"]


def made(
    *,
    region: str | None,
    endpoint: str | None,
    key_id: str | None = None,
    secret: str | None = None,
    attempts: int = 1,
    connections: int = 10,
) -> Any:
    """A client of the server at ``endpoint``, of Amazon's without one. Without ``key_id`` boto3 looks for credentials itself
    (environment, files, role of the machine). Blocks: it reads files, and may ask the machine for its role."""
    # A session of its own: boto3's common one keeps the first credentials that it found, and is for one thread.
    return boto3.session.Session().client(
        "s3",
        region_name=region,
        endpoint_url=endpoint,
        aws_access_key_id=key_id,
        aws_secret_access_key=secret,
        config=Config(
            connect_timeout=5,
            read_timeout=10,
            retries={"total_max_attempts": attempts, "mode": "standard"},
            max_pool_connections=connections,
            signature_version="s3v4",
            # Servers with a name of their own seldom have one for each bucket.
            s3={"addressing_style": "path"} if endpoint else {},
        ),
    )


def refusal(error: ClientError) -> tuple[str, int]:
    """The code of a server's refusal, such as ``NoSuchKey``, and the status of its answer."""
    return error.response["Error"].get("Code", ""), error.response["ResponseMetadata"]["HTTPStatusCode"]
