"""What every route of valuation may answer besides its own refusals, and the ids in its paths."""

from typing import Annotated

from fastapi import Path, Query

from exchange.access.errors import REFUSALS
from exchange.core.errors import Busy, ExchangeError, Forbidden, Invalid, Unauthenticated
from exchange.core.ids import id_pattern
from exchange.rest.idempotency import IdempotencyKeyInvalid, IdempotencyKeyRequired, IdempotencyMismatch

READ: tuple[type[ExchangeError], ...] = (*REFUSALS, Unauthenticated, Forbidden, Invalid)
COMMAND: tuple[type[ExchangeError], ...] = (
    *READ,
    IdempotencyKeyRequired,
    IdempotencyKeyInvalid,
    IdempotencyMismatch,
    Busy,
)

ValuationPath = Annotated[str, Path(pattern=f"^{id_pattern('valuation')}$")]
ScenarioPath = Annotated[str, Path(pattern=f"^{id_pattern('scenario')}$")]
AppraisalPath = Annotated[str, Path(pattern=f"^{id_pattern('appraisal')}$")]
ProposalPath = Annotated[str, Path(pattern=f"^{id_pattern('parameter_proposal')}$")]
RevaluationPath = Annotated[str, Path(pattern=f"^{id_pattern('revaluation')}$")]
FundFilter = Annotated[str | None, Query(pattern=f"^{id_pattern('fund')}$")]
