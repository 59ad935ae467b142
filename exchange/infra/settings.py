"""Every setting, read once from the environment (prefix ``EXCHANGE_``)."""

from functools import lru_cache
from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """Where the servers are and how much this process may use of them."""

    model_config = SettingsConfigDict(env_prefix="EXCHANGE_", extra="ignore")

    database_url: str = ""
    database_role: str = "exchange_app"
    """The role every connection of the application takes: it owns no table and cannot rewrite a register."""
    redis_url: str = ""
    data: Path = Path(".data")
    host: str = "127.0.0.1"
    port: int = 8000
    api_processes: int = 1
    sandbox: bool = False
    """Simulated clock and simulated parties are allowed. Never set on a production system."""
    cookie_secure: bool = True
    """False only for plain http on the own machine; the sandbox starts with False."""
    pool_size: int = 10
    pool_overflow: int = 10
    lock_timeout_ms: int = 2000
    statement_timeout_ms: int = 5000
    max_body_bytes: int = 1_000_000
    max_upload_bytes: int = 20_000_000
    max_document_bytes: int = 50_000_000
    """One document of diligence; refused before it is stored or parsed."""
    max_bulk_bytes: int = 200_000_000
    """One archive with many documents."""
    documents_quota_bytes: int = 5_000_000_000
    """What one organisation may have stored in all versions of its documents."""
    documents_url: str = ""
    """``s3://bucket/prefix``; empty: the folder ``documents`` of the data. Credentials: AWS_ACCESS_KEY_ID and so on."""
    documents_endpoint: str = ""
    documents_region: str = "us-east-1"
    scanner_url: str = ""
    """``clamd://host:3310`` or ``clamd:///path/of/socket``; empty: the built-in check alone."""
    signer_file: str = ""
    """PKCS#12 file whose key signs agreements; empty in a sandbox: a key of its own in the data folder."""
    signer_passphrase: str = ""
    field_key: str = ""
    """Base64 of the 32 bytes that encrypt bank account numbers; a sandbox has one of its own."""
    bank_secret: str = ""
    """What the bank signs its notices with; empty: no notice is taken."""
    intake_batch_max: int = 256
    questions_per_day: int = 20
    """Questions a bidder may ask in one data room on one market day."""
    password_memory_kib: int = Field(default=65536, description="argon2id memory; lowered only in tests")
    password_time_cost: int = 3
    log_level: str = "INFO"


@lru_cache(maxsize=1)
def settings() -> Settings:
    """The settings of this process. Tests that change the environment call ``settings.cache_clear()``."""
    return Settings()
