"""Settings from the environment, checked before anything starts."""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parent


class SettingsError(Exception):
    """A setting is wrong; the message names it, what was found and what is expected."""


@dataclass(frozen=True)
class Settings:
    """Everything the application reads from outside, after checking."""

    instance: Path
    host: str
    port: int
    database_url: str
    secret_key: str
    base_url: str
    mail_host: str
    mail_port: int
    mail_user: str
    mail_password: str
    mail_from: str
    mail_security: str
    help_phone: str

    def flask(self) -> dict[str, object]:
        """The settings under the names Flask and its extensions know."""
        secure = self.base_url.startswith("https://")
        return {
            "INSTANCE": str(self.instance),
            "SECRET_KEY": self.secret_key,
            "SQLALCHEMY_DATABASE_URI": self.database_url,
            # A failing statement is logged without its values: they may be a ballot's choices.
            "SQLALCHEMY_ENGINE_OPTIONS": {"hide_parameters": True},
            "UPLOAD_FOLDER": str(self.instance / "uploads"),
            "MAX_CONTENT_LENGTH": 16 * 1024 * 1024,
            "MAX_FORM_MEMORY_SIZE": 2 * 1024 * 1024,
            "BASE_URL": self.base_url,
            "MAIL_HOST": self.mail_host,
            "MAIL_PORT": self.mail_port,
            "MAIL_USER": self.mail_user,
            "MAIL_PASSWORD": self.mail_password,
            "MAIL_FROM": self.mail_from,
            "MAIL_SECURITY": self.mail_security,
            "HELP_PHONE": self.help_phone,
            "BABEL_DEFAULT_LOCALE": "zh_Hans_CN",
            "BABEL_DEFAULT_TIMEZONE": "Asia/Shanghai",
            "BOOTSTRAP_SERVE_LOCAL": True,
            "SESSION_COOKIE_SAMESITE": "Lax",
            "SESSION_COOKIE_SECURE": secure,
            "REMEMBER_COOKIE_SECURE": secure,
            "REMEMBER_COOKIE_SAMESITE": "Lax",
            "REMEMBER_COOKIE_HTTPONLY": True,
            "WTF_CSRF_TIME_LIMIT": None,
        }


def load(environ: Mapping[str, str] = os.environ) -> Settings:
    """Read and check the settings.

    Raises SettingsError, naming the variable, for a value that cannot work.
    """
    instance = _instance(environ)
    port = _port(environ, "PORT", 8000)
    mail_security = environ.get("MAIL_SECURITY", "none")
    if mail_security not in ("none", "starttls", "tls"):
        raise SettingsError(f"MAIL_SECURITY={mail_security!r}: expected none, starttls or tls")
    mail_from = environ.get("MAIL_FROM") or environ.get("MAIL_USER", "")
    if environ.get("MAIL_HOST") and "@" not in mail_from:
        raise SettingsError(f"MAIL_FROM={mail_from!r}: expected the sender's address")
    return Settings(
        instance=instance,
        host=environ.get("HOST") or "127.0.0.1",
        port=port,
        database_url=_database_url(environ, instance),
        secret_key=environ.get("SECRET_KEY") or _kept_secret(instance),
        base_url=_base_url(environ, port),
        mail_host=environ.get("MAIL_HOST", ""),
        mail_port=_port(environ, "MAIL_PORT", 25),
        mail_user=environ.get("MAIL_USER", ""),
        mail_password=environ.get("MAIL_PASSWORD", ""),
        mail_from=mail_from,
        mail_security=mail_security,
        help_phone=environ.get("HELP_PHONE", ""),
    )


def _instance(environ: Mapping[str, str]) -> Path:
    folder = Path(environ.get("INSTANCE") or ROOT / "instance").resolve()
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SettingsError(f"INSTANCE={folder}: {error.strerror}") from error
    if not os.access(folder, os.W_OK | os.X_OK):
        raise SettingsError(f"INSTANCE={folder}: this folder cannot be written to")
    return folder


def _port(environ: Mapping[str, str], name: str, default: int) -> int:
    text = environ.get(name, str(default))
    if not text.isdecimal() or not 0 < int(text) < 65536:
        raise SettingsError(f"{name}={text!r}: expected a port number between 1 and 65535")
    return int(text)


def _database_url(environ: Mapping[str, str], instance: Path) -> str:
    url = environ.get("DATABASE_URL", f"sqlite:///{instance / 'tracker.sqlite3'}")
    if url.startswith(("postgres://", "postgresql://")):
        url = "postgresql+psycopg://" + url.split("://", 1)[1]
    if not url.startswith(("sqlite:///", "postgresql+psycopg://")):
        raise SettingsError("DATABASE_URL: expected sqlite:///path or postgresql://user@host/name")
    return url


def _base_url(environ: Mapping[str, str], port: int) -> str:
    url = environ.get("BASE_URL", f"http://127.0.0.1:{port}").rstrip("/")
    message = f"BASE_URL={url!r}: expected an address such as https://ledger.example"
    try:
        parts = urlsplit(url)
    except ValueError as error:
        raise SettingsError(message) from error
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise SettingsError(message)
    return url


def _kept_secret(instance: Path) -> str:
    """The key of this installation, made on the first run and kept readable by its owner only."""
    path = instance / "secret_key"
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        key = path.read_text().strip()
        if len(key) < 32:
            message = f"{path}: the kept key is too short; remove the file to make a new one"
            raise SettingsError(message) from None
        return key
    with os.fdopen(handle, "w") as out:
        key = secrets.token_urlsafe(48)
        out.write(key)
    return key
