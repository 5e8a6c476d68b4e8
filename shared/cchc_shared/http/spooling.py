"""Puts a request's body on the disk, piece by piece."""

from hashlib import sha256
from pathlib import Path

from anyio import open_file
from fastapi import Request
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from cchc_shared.http import kinds
from cchc_shared.http.problems import Problem, too_large
from cchc_shared.http.receiving import LARGEST


async def spool(request: Request, to: Path, most: int) -> bytes:
    """Write the body to a file, at most so many bytes; what makes two such requests the same. Raises 413."""
    request.scope[LARGEST] = most
    digest, size = sha256(f"{request.method} {request.scope['path']}\n".encode()), 0
    async with await open_file(to, "wb") as file:
        try:
            async for piece in request.stream():
                if (size := size + len(piece)) > most:
                    raise HTTPException(413)
                digest.update(piece)
                await file.write(piece)
        except HTTPException as error:
            raise too_large(most, "body") if error.status_code == 413 else error from error
        except ClientDisconnect as error:  # nobody is there to be answered
            raise Problem(kinds.BAD_REQUEST) from error
    return digest.digest()
