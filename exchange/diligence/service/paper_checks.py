"""What a paper must satisfy before it is taken: whose it is, of what kind, clean, dated, and good for a while."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from exchange.core.errors import ExchangeError, FieldError
from exchange.diligence.document import ScanState
from exchange.diligence.duty import Caller
from exchange.diligence.errors import (
    DocumentNotClean,
    DocumentNotOwn,
    FileKindNotAccepted,
    PaperExpired,
    PapersInvalid,
)
from exchange.diligence.paper import Paper
from exchange.diligence.store.papers import StoredPaper
from exchange.diligence.tables.checklists import ChecklistItemRow
from exchange.diligence.template import ItemSpec
from exchange.diligence.validity import Dates, future_dates, good_until, missing_dates
from exchange.infra.database import Tx
from exchange.rulebook.service import calendar


@dataclass(frozen=True, slots=True)
class CheckedPaper:
    """A paper that may be taken, with the bytes behind it and the last day on which it is good."""

    paper: Paper
    stored: StoredPaper
    valid_until: date | None


def checked(
    tx: Tx,
    paper: Paper,
    spec: ItemSpec,
    item: ChecklistItemRow,
    stored: StoredPaper | None,
    caller: Caller,
    today: date,
) -> CheckedPaper:
    """The paper if it may be taken; the first refusal otherwise."""
    if stored is None or not _is_the_callers(stored, item, caller):
        raise DocumentNotOwn
    if stored.scan_state is not ScanState.CLEAN:
        raise DocumentNotClean(item=spec.code)
    if stored.kind not in spec.files:
        accepted = ", ".join(kind.value for kind in spec.files)
        raise FileKindNotAccepted(item=spec.code, kind=stored.kind.value, accepted=accepted)
    dates = Dates(today, paper.issued_on, paper.as_of, paper.expires_on)
    if wrong := missing_dates(spec.validity, dates) + future_dates(dates):
        raise PapersInvalid(item=spec.code, fields=wrong)
    until = good_until(spec.validity, dates, working_days=calendar(tx))
    if until is not None and until < today:
        raise PaperExpired(item=spec.code, day=until.isoformat())
    return CheckedPaper(paper, stored, until)


def refuse_all(refusals: Sequence[tuple[int, ExchangeError]]) -> None:
    """Raise the first refusal, naming every paper that cannot be taken by its place; nothing when none is refused."""
    if not refusals:
        return
    fields: list[FieldError] = []
    for place, refusal in refusals:
        if refusal.fields:
            fields += [FieldError(f"/papers/{place}{f.pointer}", f.code, f.parameters) for f in refusal.fields]
        else:
            fields.append(FieldError(f"/papers/{place}", refusal.code, refusal.parameters))
    first = refusals[0][1]
    first.fields = tuple(fields)
    raise first


def _is_the_callers(stored: StoredPaper, item: ChecklistItemRow, caller: Caller) -> bool:
    is_owner = stored.owner_organisation_id == caller.organisation_id or caller.is_system
    return is_owner and stored.listing_id == item.listing_id
