"""All that the environment may say, in one typed object. `docs/settings.md` is made from it."""

from __future__ import annotations

from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

_SCHEMES = {"sqlite", "postgres", "postgresql"}

#: Kinds of identities that may join customers. Not the organisation's own key: two of them are two customers of its system.
_JOINING = {"PHONE", "EMAIL", "MEMBER_NO", "WECHAT_OPENID", "WECHAT_UNIONID", "WECHAT_EXTERNAL_USERID"}


class Settings(BaseSettings):
    """The settings of one process. Read once, at its start, and handed down as values."""

    # The prefix keeps bare names out: the ORM itself sets TIMEZONE in the environment.
    model_config = SettingsConfigDict(frozen=True, extra="ignore", populate_by_name=True, validate_default=True, env_prefix="SIYU_")

    host: str = Field(default="127.0.0.1", validation_alias="HOST", description="Address that the API listens on.")
    port: int = Field(
        default=8000, ge=0, le=65535, validation_alias="PORT", description="Port that the API listens on; 0 takes a free one."
    )
    database_url: str = Field(
        default="",
        validation_alias="DATABASE_URL",
        repr=False,
        description="`postgresql://user:password@host:port/name`, or `sqlite:///path`. Empty: SQLite in the data folder.",
    )
    keystore_url: str = Field(
        default="",
        validation_alias="KEYSTORE_URL",
        repr=False,
        description="The database that holds customers' keys, apart from the main one. Empty: SQLite in the data folder.",
    )
    redis_url: str = Field(
        default="",
        validation_alias="REDIS_URL",
        repr=False,
        description="`redis://host:port/0` or `unix:///path`. Empty: an embedded server, started and stopped with the process.",
    )
    data_dir: Path = Field(
        default=Path(".siyu"),
        validation_alias="SIYU_DATA_DIR",
        description="Folder of the embedded databases, uploads and finished exports.",
    )
    root_keys: str = Field(
        default="",
        validation_alias="SIYU_ROOT_KEYS",
        description=(
            "Where the root keys are: `file:///path`, `env:NAME` (the variable NAME holds them) or `vault://host/key`. "
            "Empty: a file in the data folder, made at the first start."
        ),
    )
    vault_token: SecretStr = Field(
        default=SecretStr(""), validation_alias="VAULT_TOKEN", description="Token for HashiCorp Vault, with `vault://`."
    )
    region: str = Field(
        default="CN",
        pattern="^[A-Z]{2}$",
        validation_alias="SIYU_REGION",
        description="Country of telephone numbers written without a prefix.",
    )
    timezone: str = Field(
        default="Asia/Shanghai", validation_alias="SIYU_TIMEZONE", description="Time zone of dates that come without one."
    )
    currency: str = Field(
        default="CNY", pattern="^[A-Z]{3}$", validation_alias="SIYU_CURRENCY", description="ISO code of amounts that come without one."
    )
    join_by: str = Field(
        default="WECHAT_UNIONID",
        validation_alias="SIYU_JOIN_BY",
        description=(
            "Kinds of identities, separated by commas, that make two known customers one at once when they come together: see "
            "[one person](one-person.md). Empty: only visitors are joined, the rest waits for somebody to decide."
        ),
    )
    public_url: str = Field(
        default="", validation_alias="SIYU_PUBLIC_URL", description="Base of links that are handed out. Empty: made from host and port."
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", validation_alias="SIYU_LOG_LEVEL", description="Least level that is logged."
    )
    log_format: Literal["auto", "json", "text"] = Field(
        default="auto", validation_alias="SIYU_LOG_FORMAT", description="`auto` writes text to a terminal and JSON elsewhere."
    )
    graphiql: bool = Field(
        default=True, validation_alias="SIYU_GRAPHIQL", description="Whether a browser that opens `/graphql` gets GraphiQL."
    )
    cors_origins: str = Field(
        default="",
        validation_alias="SIYU_CORS_ORIGINS",
        description="Origins whose pages may call the API, separated by commas. Empty: none.",
    )
    metrics_token: SecretStr = Field(
        default=SecretStr(""),
        validation_alias="SIYU_METRICS_TOKEN",
        description="Bearer token that `/metrics` asks for. Empty: loopback callers only.",
    )
    pool_max: int = Field(
        default=10, ge=1, le=200, validation_alias="SIYU_POOL_MAX", description="PostgreSQL connections a process, a database."
    )
    statement_cache: int = Field(
        default=512,
        ge=0,
        validation_alias="SIYU_STATEMENT_CACHE",
        description="Prepared statements kept a connection; 0 behind an old PgBouncer.",
    )
    key_cache: int = Field(
        default=5_000,
        ge=0,
        validation_alias="SIYU_KEY_CACHE",
        description="Unwrapped customer keys that a process keeps in memory, at some 10 kB each.",
    )
    key_cache_seconds: float = Field(
        default=30.0, ge=0, le=300, validation_alias="SIYU_KEY_CACHE_SECONDS", description="Seconds that an unwrapped key is kept at most."
    )
    query_depth_max: int = Field(
        default=12, ge=1, validation_alias="SIYU_QUERY_DEPTH_MAX", description="Levels that a GraphQL query may nest."
    )
    query_aliases_max: int = Field(
        default=15, ge=0, validation_alias="SIYU_QUERY_ALIASES_MAX", description="Aliases that a GraphQL query may have."
    )
    query_tokens_max: int = Field(
        default=2_000, ge=10, validation_alias="SIYU_QUERY_TOKENS_MAX", description="Tokens that a GraphQL document may have."
    )
    query_cost_max: int = Field(
        default=100_000,
        ge=1,
        validation_alias="SIYU_QUERY_COST_MAX",
        description="Objects that one operation may touch at the worst; a dearer one is refused before it runs.",
    )
    plan_reads: bool = Field(
        default=True,
        validation_alias="SIYU_PLAN_READS",
        description="Whether reads are planned. Off: the engine answers them all, the same but slower, for finding out who is wrong.",
    )
    body_bytes_max: int = Field(
        default=1024**2, ge=1024, validation_alias="SIYU_BODY_BYTES_MAX", description="Bytes of a request's body, uploads aside."
    )
    upload_bytes_max: int = Field(
        default=256 * 1024**2, ge=1024, validation_alias="SIYU_UPLOAD_BYTES_MAX", description="Bytes of one uploaded file."
    )
    export_hours: int = Field(
        default=72, ge=1, validation_alias="SIYU_EXPORT_HOURS", description="Hours that the file of an export can be fetched."
    )
    events_late_days: int = Field(
        default=7, ge=1, le=3_650, validation_alias="SIYU_EVENTS_LATE_DAYS", description="Days after which an event that comes is late."
    )
    events_personal: Literal["seal", "refuse"] = Field(
        default="seal",
        validation_alias="SIYU_EVENTS_PERSONAL",
        description="Whether a value in an event that looks like somebody's number or address is sealed, or its event refused.",
    )
    tracking_batch_bytes_max: int = Field(
        default=500 * 1024,
        ge=1024,
        validation_alias="SIYU_TRACKING_BATCH_BYTES_MAX",
        description="Bytes of a request to the tracking API, unpacked.",
    )
    tracking_call_bytes_max: int = Field(
        default=32 * 1024, ge=256, validation_alias="SIYU_TRACKING_CALL_BYTES_MAX", description="Bytes of one message of the tracking API."
    )
    tracking_rate: int = Field(
        default=20_000,
        ge=0,
        validation_alias="SIYU_TRACKING_RATE",
        description="Messages a second that a process takes of one write key, twice as many at once; 0 sets no limit.",
    )
    tracking_origins: str = Field(
        default="*",
        validation_alias="SIYU_TRACKING_ORIGINS",
        description="Origins whose pages may send to the tracking API, separated by commas. `*`: all.",
    )
    tracking_context: str = Field(
        default="app.name,app.version,page.path,campaign.name,campaign.source,campaign.medium",
        validation_alias="SIYU_TRACKING_CONTEXT",
        description="Fields of a tracked message's context that become properties of its event, as `app.version`, separated by commas.",
    )
    session_minutes: int = Field(
        default=15,
        ge=1,
        validation_alias="SIYU_SESSION_MINUTES",
        description="Minutes that a login's access token works before it is refreshed.",
    )
    refresh_days: int = Field(default=30, ge=1, validation_alias="SIYU_REFRESH_DAYS", description="Days that a login can be refreshed.")
    token_days_max: int = Field(
        default=366, ge=1, validation_alias="SIYU_TOKEN_DAYS_MAX", description="Days that an access token may live at most."
    )
    login_attempts: int = Field(
        default=10, ge=1, validation_alias="SIYU_LOGIN_ATTEMPTS", description="Wrong passwords in a row before a login is locked."
    )
    login_lock_minutes: int = Field(
        default=15, ge=1, validation_alias="SIYU_LOGIN_LOCK_MINUTES", description="Minutes that a login stays locked at first."
    )
    stale_days: int = Field(
        default=365,
        ge=1,
        validation_alias="SIYU_STALE_DAYS",
        description="Days without any change after which what is known of a customer counts as stale.",
    )
    cleanup_rules: str = Field(
        default="AGE_BAND",
        validation_alias="SIYU_CLEANUP_RULES",
        description="Rules that the daily clean-up runs by itself, separated by commas; the others it only plans. Empty: none.",
    )
    sweep_seconds: int = Field(
        default=30, ge=1, validation_alias="SIYU_SWEEP_SECONDS", description="Seconds between two looks for jobs that the queue has lost."
    )
    lease_seconds: int = Field(
        default=30,
        ge=2,
        validation_alias="SIYU_LEASE_SECONDS",
        description="Seconds after which a silent worker's job is given to another.",
    )
    worker_jobs: int = Field(default=4, ge=1, validation_alias="SIYU_WORKER_JOBS", description="Jobs that a worker runs at the same time.")
    job_attempts: int = Field(default=5, ge=1, validation_alias="SIYU_JOB_ATTEMPTS", description="Times that a failing job is tried.")
    stop_seconds: int = Field(
        default=10,
        ge=0,
        validation_alias="SIYU_STOP_SECONDS",
        description="Seconds that running requests and jobs get when the process stops.",
    )

    @field_validator("database_url", "keystore_url")
    @classmethod
    def _known_database(cls, value: str) -> str:
        if value and urlsplit(value).scheme not in _SCHEMES:
            raise ValueError("begins with postgresql:// or sqlite:///")
        return value

    @field_validator("join_by")
    @classmethod
    def _joining_kinds(cls, value: str) -> str:
        if unknown := {kind.strip() for kind in value.split(",") if kind.strip()} - _JOINING:
            raise ValueError(f"{', '.join(sorted(unknown))} joins nobody; what may: {', '.join(sorted(_JOINING))}")
        return value

    @field_validator("timezone")
    @classmethod
    def _known_timezone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise ValueError(f"there is no time zone {value!r}") from error
        return value

    @property
    def joining_kinds(self) -> frozenset[str]:
        """The kinds of `join_by`."""
        return frozenset(kind.strip() for kind in self.join_by.split(",") if kind.strip())

    @property
    def embedded(self) -> bool:
        """Whether nothing was said of databases and Redis: then one process brings them all."""
        return not (self.database_url or self.keystore_url or self.redis_url)

    @property
    def main_database(self) -> str:
        """URL of the main database, the embedded one where none was given."""
        return self.database_url or f"sqlite://{self.data_dir / 'siyu.db'}"

    @property
    def keystore_database(self) -> str:
        """URL of the key store, the embedded one where none was given."""
        return self.keystore_url or f"sqlite://{self.data_dir / 'keys.db'}"

    @property
    def custodian_url(self) -> str:
        """Where the root keys are, the file in the data folder where nothing was said."""
        return self.root_keys or f"file://{(self.data_dir / 'root.keys').absolute()}"
