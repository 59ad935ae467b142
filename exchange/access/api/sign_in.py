"""Sign in and out, prove the password again, and who am I."""

from fastapi import APIRouter, Request, Response

from exchange.access.actor import Actor
from exchange.access.api.caller import CurrentActor, address_of, session_cookie, token_of
from exchange.access.credential import csrf_token_of, is_same_origin
from exchange.access.errors import (
    REFUSALS,
    CsrfRefused,
    PasswordWeak,
    SessionRequired,
    SignInLimited,
    SignInRefused,
)
from exchange.access.schemas import ChangePassword, MeView, SignIn, StepUp
from exchange.access.service import passwords, profile, sign_in, users
from exchange.access.service.sign_in import Attempt, SignedIn
from exchange.access.session_rules import ABSOLUTE
from exchange.core.clock import system_now
from exchange.core.errors import ExchangeError
from exchange.infra.database import transaction
from exchange.infra.settings import settings
from exchange.rest.deps import WriteTx
from exchange.rest.permissions import SIGNED_IN, needs
from exchange.rest.problems import responses

router = APIRouter(tags=["access"])


def _value(outcome: SignedIn | Attempt | ExchangeError) -> SignedIn | Attempt:
    if isinstance(outcome, ExchangeError):
        raise outcome
    return outcome


def open_session(request: Request, login: str, password: str) -> SignedIn:
    """Sign a person in: count, check, open. Each step is a transaction of its own; the check has none.

    Also what the sign-in page calls. SignInRefused (401), SignInLimited (429), CsrfRefused (403).
    """
    if not is_same_origin(request.headers):
        raise CsrfRefused
    with transaction() as tx:
        counted = sign_in.begin(tx, system_now(), login=login, address=address_of(request))
    return _finish(request, counted, password, None)


def _finish(request: Request, counted: Attempt | ExchangeError, password: str, actor: Actor | None) -> SignedIn:
    attempt = _value(counted)
    if not isinstance(attempt, Attempt):
        raise TypeError("a counted attempt comes first")
    fits, renewed = passwords.check_password(password, attempt.password_hash)
    agent = request.headers.get("user-agent", "")
    with transaction() as tx:
        now = system_now()
        outcome = (
            sign_in.finish(tx, now, attempt, fits=fits, renewed_hash=renewed, user_agent=agent)
            if actor is None
            else sign_in.finish_step_up(tx, actor, now, attempt, fits=fits, renewed_hash=renewed, user_agent=agent)
        )
    signed_in = _value(outcome)
    if not isinstance(signed_in, SignedIn):
        raise TypeError("a session comes last")
    return signed_in


def set_cookie(response: Response, signed_in: SignedIn) -> None:
    """Give the browser its session: unreadable for scripts, for this host only, not sent from other sites."""
    response.set_cookie(
        session_cookie(),
        signed_in.token,
        max_age=int(ABSOLUTE.total_seconds()),
        path="/",
        secure=settings().cookie_secure,
        httponly=True,
        samesite="lax",
    )


def clear_cookie(response: Response) -> None:
    """Take the session from the browser."""
    response.delete_cookie(session_cookie(), path="/", secure=settings().cookie_secure, httponly=True, samesite="lax")


def _me(actor: Actor, token: str | None) -> MeView:
    with transaction() as tx:
        found = profile.profile_of(tx, actor)
    return MeView(
        user_id=found.user_id,
        organisation_id=found.organisation_id,
        login=found.login,
        name=found.name,
        roles=list(found.roles),
        permissions=list(found.permissions),
        session_ends_at=found.session_ends_at,
        csrf_token=csrf_token_of(token) if token and actor.session_id else None,
    )


def _signed_in_view(signed_in: SignedIn, response: Response) -> MeView:
    set_cookie(response, signed_in)
    with transaction() as tx:
        actor = sign_in.actor_of_session(tx, signed_in, system_now())
    return _me(actor, signed_in.token)


@router.post(
    "/auth/login",
    operation_id="login",
    openapi_extra=needs(None),
    responses=responses(SignInRefused, SignInLimited, CsrfRefused),
)
def login(request: Request, response: Response, body: SignIn) -> MeView:
    """Sign in with login and password; the session comes as a cookie."""
    return _signed_in_view(open_session(request, body.login, body.password), response)


@router.post(
    "/auth/logout",
    operation_id="logout",
    status_code=204,
    openapi_extra=needs(SIGNED_IN),
    responses=responses(*REFUSALS, SessionRequired),
)
def logout(tx: WriteTx, actor: CurrentActor, response: Response) -> None:
    """End the session."""
    sign_in.sign_out(tx, actor, system_now())
    clear_cookie(response)


@router.post(
    "/auth/step-up",
    operation_id="step_up",
    openapi_extra=needs(SIGNED_IN),
    responses=responses(*REFUSALS, SessionRequired, SignInRefused, SignInLimited),
)
def step_up(request: Request, response: Response, actor: CurrentActor, body: StepUp) -> MeView:
    """Prove the password again; the session gets a new token."""
    with transaction() as tx:
        counted = sign_in.begin_step_up(tx, actor, system_now(), address=address_of(request))
    return _signed_in_view(_finish(request, counted, body.password, actor), response)


@router.post(
    "/auth/change-password",
    operation_id="change_password",
    status_code=204,
    openapi_extra=needs(SIGNED_IN),
    responses=responses(*REFUSALS, SessionRequired, SignInRefused, SignInLimited, PasswordWeak),
)
def change_password(request: Request, response: Response, actor: CurrentActor, body: ChangePassword) -> None:
    """Change the own password; every session of the person ends."""
    with transaction() as tx:
        counted = sign_in.begin_step_up(tx, actor, system_now(), address=address_of(request))
        login = profile.profile_of(tx, actor).login
    passwords.demand_strength(body.new_password, login)
    _finish(request, counted, body.password, actor)
    new_hash = passwords.hash_password(body.new_password)
    with transaction() as tx:
        users.change_own_password(tx, actor, system_now(), password_hash=new_hash)
    clear_cookie(response)


@router.get("/me", operation_id="me", openapi_extra=needs(SIGNED_IN), responses=responses(*REFUSALS))
def me(request: Request, actor: CurrentActor) -> MeView:
    """The caller: roles, rights, and the token for changes by cookie."""
    return _me(actor, token_of(request))
