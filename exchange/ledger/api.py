"""Routes of cash accounts."""

from typing import Annotated

from fastapi import APIRouter, Path, Query
from fastapi.responses import JSONResponse

from exchange.access.api import CurrentActor
from exchange.core.errors import Busy, Forbidden, Invalid, Unauthenticated
from exchange.core.ids import id_pattern
from exchange.core.money import money_from_text
from exchange.infra.clock import business_now
from exchange.ledger import service
from exchange.ledger.errors import AccountNotFound, AmountNotPositive, BankAccountNotOpen, SandboxOnly
from exchange.ledger.schemas import AccountView, DepositMoney, EntryView, OpenAccount
from exchange.parties.errors import OrganisationNotFound
from exchange.rest.deps import ReadTx, WriteTx
from exchange.rest.idempotency import (
    IdempotencyKey,
    IdempotencyKeyInvalid,
    IdempotencyKeyRequired,
    IdempotencyMismatch,
    once,
)
from exchange.rest.paging import CursorInvalid, Page, PageQuery, page_of
from exchange.rest.permissions import needs
from exchange.rest.problems import responses

router = APIRouter(prefix="/api/v1", tags=["accounts"])

AccountPath = Annotated[str, Path(pattern=f"^{id_pattern('account')}$")]
OrganisationFilter = Annotated[str | None, Query(pattern=f"^{id_pattern('organisation')}$")]


@router.get(
    "/accounts",
    operation_id="list_accounts",
    openapi_extra=needs("accounts:read"),
    responses=responses(Unauthenticated, Forbidden, CursorInvalid, Invalid),
)
def list_accounts(
    tx: ReadTx, actor: CurrentActor, page: PageQuery, organisation_id: OrganisationFilter = None
) -> Page[AccountView]:
    """Cash accounts of the caller's organisation; operators and auditors see all."""
    scope = f"accounts:{organisation_id}"
    key = page.after(scope)
    rows = service.accounts_of(
        tx, actor, organisation_id=organisation_id, after=str(key[0]) if key else None, limit=page.limit + 1
    )
    return page_of(rows, page, scope, lambda row: [row.id], AccountView.of)


@router.post(
    "/accounts",
    operation_id="open_account",
    status_code=201,
    openapi_extra=needs("accounts:write"),
    response_model=AccountView,
    responses=responses(
        Unauthenticated,
        Forbidden,
        OrganisationNotFound,
        Invalid,
        IdempotencyKeyRequired,
        IdempotencyKeyInvalid,
        IdempotencyMismatch,
        Busy,
    ),
)
def open_account(tx: WriteTx, actor: CurrentActor, key: IdempotencyKey, body: OpenAccount) -> JSONResponse:
    """Open a cash account for an organisation, or give the one it has in this currency."""

    def work() -> AccountView:
        return AccountView.of(
            service.open_cash_account(tx, actor, organisation_id=body.organisation_id, currency=body.currency)
        )

    return once(tx, actor, "open_account", key, body, work, status_code=201).response()


@router.get(
    "/accounts/{account_id}/entries",
    operation_id="list_account_entries",
    openapi_extra=needs("accounts:read"),
    responses=responses(Unauthenticated, Forbidden, AccountNotFound, CursorInvalid, Invalid),
)
def list_account_entries(tx: ReadTx, actor: CurrentActor, account_id: AccountPath, page: PageQuery) -> Page[EntryView]:
    """Entries of an account, newest first; they add up to its balance."""
    scope = f"entries:{account_id}"
    key = page.after(scope)
    before = key[0] if key and isinstance(key[0], int) else None
    account, rows = service.entries_of(tx, actor, account_id=account_id, before=before, limit=page.limit + 1)
    return page_of(rows, page, scope, lambda row: [row.id], lambda row: EntryView.of(row, account.currency))


@router.post(
    "/accounts/{account_id}:deposit",
    operation_id="deposit_money",
    openapi_extra=needs("accounts:write"),
    response_model=AccountView,
    responses=responses(
        Unauthenticated,
        Forbidden,
        AccountNotFound,
        AmountNotPositive,
        BankAccountNotOpen,
        SandboxOnly,
        Invalid,
        IdempotencyKeyRequired,
        IdempotencyKeyInvalid,
        IdempotencyMismatch,
        Busy,
    ),
)
def deposit_money(
    tx: WriteTx, actor: CurrentActor, key: IdempotencyKey, account_id: AccountPath, body: DepositMoney
) -> JSONResponse:
    """Book simulated money that arrived at the bank. Sandbox only; operators only."""
    now = business_now(tx)

    def work() -> AccountView:
        amount = money_from_text(body.amount, body.currency)
        row = service.deposit(tx, actor, now, account_id=account_id, amount=amount, reference_id=body.bank_reference)
        return AccountView.of(row)

    return once(tx, actor, f"deposit_money {account_id}", key, body, work).response()
