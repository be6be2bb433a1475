"""Where uploads live: one interface, so that a second machine needs no shared folder."""

from __future__ import annotations

import hashlib
import os
import tempfile
from pathlib import Path
from typing import Protocol

from flask import current_app

from tracker.kernel.errors import NotFound


class Storage(Protocol):
    """Put bytes, get them back by the key that ``put`` gave."""

    def put(self, data: bytes, suffix: str) -> str: ...
    def get(self, key: str) -> bytes: ...


class LocalStorage:
    """Files in a folder outside the web root, named by their content."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def put(self, data: bytes, suffix: str) -> str:
        """Store ``data`` durably and return its key; the same bytes are kept once."""
        key = f"{hashlib.sha256(data).hexdigest()}{suffix}"
        self.folder.mkdir(parents=True, exist_ok=True)
        target = self.folder / key
        if not target.exists():
            handle, temporary = tempfile.mkstemp(dir=self.folder)
            with os.fdopen(handle, "wb") as out:
                out.write(data)
                out.flush()
                os.fsync(out.fileno())
            Path(temporary).replace(target)
        return key

    def get(self, key: str) -> bytes:
        """Return the bytes of ``key``; raises NotFound for an unknown one."""
        path = self.folder / Path(key).name
        if not path.is_file():
            raise NotFound
        return path.read_bytes()


def storage() -> Storage:
    """The storage that the configuration names."""
    return LocalStorage(Path(current_app.config["UPLOAD_FOLDER"]))
