"""SQL of valuations. Nothing is changed but the progress of a revaluation; nothing is deleted."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, text
from sqlmodel import col, or_, select

from exchange.infra.database import Tx, cursor
from exchange.valuation.appraisal import Appraisal
from exchange.valuation.parameters import ParameterKind
from exchange.valuation.tables import (
    AppraisalFilingRow,
    AppraisalRow,
    ParameterProposalRow,
    RevaluationChunkRow,
    RevaluationRow,
    ScenarioRow,
    ValuationDocumentRow,
    ValuationParameterRow,
    ValuationResultRow,
    ValuationRow,
    WeightSetRow,
)

Row = (
    AppraisalFilingRow
    | AppraisalRow
    | ParameterProposalRow
    | RevaluationRow
    | ScenarioRow
    | ValuationRow
    | ValuationResultRow
    | WeightSetRow
)

_CURRENT_PARAMETERS = text(
    "SELECT DISTINCT ON (kind, region, strategy, name, effective_on) id FROM valuation_parameter "
    "ORDER BY kind, region, strategy, name, effective_on, version DESC"
)
_VERSIONS = text(
    "SELECT p.kind, p.region, p.strategy, p.name, p.effective_on, max(p.version) FROM valuation_parameter p "
    "JOIN unnest(CAST(:kinds AS text[]), CAST(:regions AS text[]), CAST(:strategies AS text[]), "
    "CAST(:names AS text[]), CAST(:dates AS date[])) AS w(kind, region, strategy, name, effective_on) "
    "ON p.kind = w.kind AND p.region = w.region AND p.strategy = w.strategy AND p.name = w.name "
    "AND p.effective_on = w.effective_on GROUP BY 1, 2, 3, 4, 5"
)
_ADD_DOCUMENTS = text(
    "INSERT INTO valuation_document (hash, content) SELECT d.hash, d.content FROM "
    "unnest(CAST(:hashes AS text[]), CAST(:contents AS text[])) AS d(hash, content) "
    "ORDER BY d.hash ON CONFLICT (hash) DO NOTHING"
)
_COPY_VALUATIONS = (
    "COPY valuation (id, fund_id, profile, seller_is_state_owned, lock_up_days, valued_on, requested_by, "
    "requested_by_organisation_id, requested_at, revaluation_id) FROM STDIN"
)
_COPY_RESULTS = (
    "COPY valuation_result (valuation_id, facts_hash, assumptions_hash, panel_hash, software_version, computed_at) "
    "FROM STDIN"
)
_PARAMETER_LOCK = 7_312_300


@dataclass(frozen=True, slots=True)
class Computed:
    """A valuation with its result, which may not be there yet."""

    row: ValuationRow
    result: ValuationResultRow | None


@dataclass(frozen=True, slots=True)
class Filed:
    """An appraisal with its filing, which may not be there yet."""

    row: AppraisalRow
    filing: AppraisalFilingRow | None


def add(tx: Tx, row: Row) -> None:
    """A new row of any register of this package."""
    tx.add(row)
    tx.flush()


def allow_long_work(tx: Tx, milliseconds: int) -> None:
    """Let this transaction compute between two statements for so long, and take so long for one of them."""
    for setting in ("statement_timeout", "idle_in_transaction_session_timeout"):
        tx.connection().execute(
            text("SELECT set_config(:setting, :ms, true)"), {"setting": setting, "ms": str(milliseconds)}
        )


# parameters


def lock_parameters(tx: Tx) -> None:
    """One change of parameters at a time, so that versions follow each other."""
    tx.connection().execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _PARAMETER_LOCK})


def current_parameters(tx: Tx) -> list[ValuationParameterRow]:
    """The newest version of every row."""
    wanted = [str(row[0]) for row in tx.connection().execute(_CURRENT_PARAMETERS)]
    query = select(ValuationParameterRow).where(col(ValuationParameterRow.id).in_(wanted))
    return list(tx.exec(query.order_by(col(ValuationParameterRow.id))).all())


def parameters(
    tx: Tx, *, kind: ParameterKind | None, region: str | None, after: str | None, limit: int
) -> list[ValuationParameterRow]:
    """Every version of every row, in the order in which they were entered."""
    query = select(ValuationParameterRow).order_by(col(ValuationParameterRow.id)).limit(limit)
    if kind is not None:
        query = query.where(ValuationParameterRow.kind == kind)
    if region is not None:
        query = query.where(ValuationParameterRow.region == region)
    if after is not None:
        query = query.where(col(ValuationParameterRow.id) > after)
    return list(tx.exec(query).all())


def parameter_versions(
    tx: Tx, keys: Sequence[tuple[str, str, str, str, date]]
) -> dict[tuple[str, str, str, str, date], int]:
    """The newest version of each place and day that has one."""
    kinds, regions, strategies, names, dates = (list(part) for part in zip(*keys, strict=True))
    wanted = {"kinds": kinds, "regions": regions, "strategies": strategies, "names": names, "dates": dates}
    rows = tx.connection().execute(_VERSIONS, wanted)
    return {(row[0], row[1], row[2], row[3], row[4]): int(row[5]) for row in rows}


def add_parameters(tx: Tx, rows: Sequence[ValuationParameterRow]) -> None:
    """New versions of parameters."""
    tx.add_all(rows)
    tx.flush()


def proposal(tx: Tx, proposal_id: str) -> ParameterProposalRow | None:
    """Figures that were proposed."""
    return tx.get(ParameterProposalRow, proposal_id)


# valuations


def valuation(tx: Tx, valuation_id: str) -> Computed | None:
    """One valuation, with its result when it is there."""
    row = tx.get(ValuationRow, valuation_id)
    if row is None:
        return None
    return Computed(row, tx.get(ValuationResultRow, valuation_id, populate_existing=True))


def valuations(
    tx: Tx,
    *,
    fund_id: str | None,
    before: str | None,
    limit: int,
    computed_only: bool = False,
    until: date | None = None,
) -> list[Computed]:
    """Valuations, newest first."""
    query = select(ValuationRow, ValuationResultRow).join(
        ValuationResultRow, col(ValuationResultRow.valuation_id) == col(ValuationRow.id), isouter=not computed_only
    )
    if fund_id is not None:
        query = query.where(ValuationRow.fund_id == fund_id)
    if before is not None:
        query = query.where(col(ValuationRow.id) < before)
    if until is not None:
        query = query.where(col(ValuationRow.valued_on) <= until)
    query = query.order_by(col(ValuationRow.id).desc()).limit(limit)
    return [Computed(row, result) for row, result in tx.exec(query).all()]


def latest_valuation(tx: Tx, fund_id: str) -> Computed | None:
    """The computed valuation of a fund with the newest valuation day; the one computed last of that day."""
    query = (
        select(ValuationRow, ValuationResultRow)
        .join(ValuationResultRow, col(ValuationResultRow.valuation_id) == col(ValuationRow.id))
        .where(ValuationRow.fund_id == fund_id)
        .order_by(col(ValuationRow.valued_on).desc(), col(ValuationRow.id).desc())
        .limit(1)
    )
    found = tx.exec(query).first()
    return None if found is None else Computed(*found)


def document(tx: Tx, content_hash: str) -> str:
    """The text under a hash; it exists."""
    row = tx.get(ValuationDocumentRow, content_hash)
    if row is None:
        raise LookupError(content_hash)
    return row.content


def add_documents(tx: Tx, contents: dict[str, str]) -> None:
    """Keep texts under their hashes; those there already stay. In order of hash, so that two never deadlock."""
    hashes = sorted(contents)
    tx.flush()
    tx.connection().execute(_ADD_DOCUMENTS, {"hashes": hashes, "contents": [contents[item] for item in hashes]})


def add_computed(tx: Tx, computed: Sequence[tuple[ValuationRow, ValuationResultRow]]) -> None:
    """Many valuations with their results at once. Their documents are there."""
    tx.flush()
    with cursor(tx) as sql:
        with sql.copy(_COPY_VALUATIONS) as rows:
            for row, _ in computed:
                rows.write_row(
                    (
                        row.id,
                        row.fund_id,
                        row.profile,
                        row.seller_is_state_owned,
                        row.lock_up_days,
                        row.valued_on,
                        row.requested_by,
                        row.requested_by_organisation_id,
                        row.requested_at,
                        row.revaluation_id,
                    )
                )
        with sql.copy(_COPY_RESULTS) as rows:
            for _, result in computed:
                rows.write_row(
                    (
                        result.valuation_id,
                        result.facts_hash,
                        result.assumptions_hash,
                        result.panel_hash,
                        result.software_version,
                        result.computed_at,
                    )
                )


# scenarios and weights


def scenario(tx: Tx, scenario_id: str, organisation_id: str) -> ScenarioRow | None:
    """A scenario of one organisation."""
    row = tx.get(ScenarioRow, scenario_id)
    return row if row is not None and row.organisation_id == organisation_id else None


def scenarios(tx: Tx, organisation_id: str, valuation_id: str, *, before: str | None, limit: int) -> list[ScenarioRow]:
    """Scenarios of one organisation over a valuation, newest first."""
    query = select(ScenarioRow).where(
        ScenarioRow.organisation_id == organisation_id, ScenarioRow.valuation_id == valuation_id
    )
    if before is not None:
        query = query.where(col(ScenarioRow.id) < before)
    return list(tx.exec(query.order_by(col(ScenarioRow.id).desc()).limit(limit)).all())


def weight_sets(tx: Tx, valuation_id: str, organisation_id: str) -> list[WeightSetRow]:
    """Weights that one organisation may see, newest first: its own and public ones."""
    query = select(WeightSetRow).where(
        WeightSetRow.valuation_id == valuation_id,
        or_(col(WeightSetRow.is_public), WeightSetRow.organisation_id == organisation_id),
    )
    return list(tx.exec(query.order_by(col(WeightSetRow.id).desc()).limit(200)).all())


# appraisals


def appraisal(tx: Tx, appraisal_id: str) -> Filed | None:
    """One appraisal, with its filing when it is there."""
    row = tx.get(AppraisalRow, appraisal_id)
    return None if row is None else Filed(row, tx.get(AppraisalFilingRow, appraisal_id, populate_existing=True))


def has_report(tx: Tx, appraisal: Appraisal) -> bool:
    """Whether this report of this appraiser on this fund is recorded."""
    query = select(AppraisalRow.id).where(
        AppraisalRow.fund_id == appraisal.fund_id,
        AppraisalRow.appraiser_organisation_id == appraisal.appraiser_organisation_id,
        AppraisalRow.report_number == appraisal.report_number,
        AppraisalRow.base_on == appraisal.base_on,
    )
    return tx.exec(query.limit(1)).first() is not None


def lock_appraisal(tx: Tx, appraisal_id: str) -> Filed | None:
    """One appraisal, which nobody else files until the end of the transaction."""
    key = text("SELECT pg_advisory_xact_lock(hashtextextended(:key, 0))")
    tx.connection().execute(key, {"key": f"appraisal:{appraisal_id}"})
    return appraisal(tx, appraisal_id)


def appraisals(tx: Tx, *, fund_id: str | None, entered_by: str | None, before: str | None, limit: int) -> list[Filed]:
    """Appraisals, newest first. ``entered_by``: an organisation that also sees its own unfiled ones; None sees all."""
    query = select(AppraisalRow, AppraisalFilingRow).join(
        AppraisalFilingRow, col(AppraisalFilingRow.appraisal_id) == col(AppraisalRow.id), isouter=True
    )
    if fund_id is not None:
        query = query.where(AppraisalRow.fund_id == fund_id)
    if entered_by is not None:
        query = query.where(
            or_(
                col(AppraisalFilingRow.appraisal_id).is_not(None),
                AppraisalRow.entered_by_organisation_id == entered_by,
            )
        )
    if before is not None:
        query = query.where(col(AppraisalRow.id) < before)
    return [Filed(*found) for found in tx.exec(query.order_by(col(AppraisalRow.id).desc()).limit(limit)).all()]


def filed_appraisals(tx: Tx, fund_ids: Sequence[str], on: date) -> dict[str, list[tuple[AppraisalRow, date]]]:
    """Appraisals filed by a day with their day of filing, oldest base date first, by fund; expired ones too."""
    query = (
        select(AppraisalRow, AppraisalFilingRow)
        .join(AppraisalFilingRow, col(AppraisalFilingRow.appraisal_id) == col(AppraisalRow.id))
        .where(
            col(AppraisalRow.fund_id).in_(fund_ids),
            col(AppraisalRow.base_on) <= on,
            col(AppraisalFilingRow.filed_on) <= on,
        )
        .order_by(col(AppraisalRow.fund_id), col(AppraisalRow.base_on), col(AppraisalRow.id))
    )
    found: dict[str, list[tuple[AppraisalRow, date]]] = {fund_id: [] for fund_id in fund_ids}
    for row, filing in tx.exec(query).all():
        found[row.fund_id].append((row, filing.filed_on))
    return found


# the whole market


def add_chunks(tx: Tx, revaluation: RevaluationRow, chunks: Sequence[Sequence[str]]) -> None:
    """A revaluation with its chunks."""
    tx.add(revaluation)
    tx.flush()
    tx.add_all(
        RevaluationChunkRow(revaluation_id=revaluation.id, number=number, fund_ids=list(fund_ids))
        for number, fund_ids in enumerate(chunks)
    )
    tx.flush()


def revaluation(tx: Tx, revaluation_id: str, *, lock: bool = False) -> RevaluationRow | None:
    """One revaluation; locked when it is about to progress."""
    return tx.get(
        RevaluationRow,
        revaluation_id,
        populate_existing=True,
        with_for_update={"key_share": True} if lock else None,
    )


def revaluations(tx: Tx, *, before: str | None, limit: int) -> list[RevaluationRow]:
    """Revaluations, newest first."""
    query = select(RevaluationRow)
    if before is not None:
        query = query.where(col(RevaluationRow.id) < before)
    return list(tx.exec(query.order_by(col(RevaluationRow.id).desc()).limit(limit)).all())


def lock_chunk(tx: Tx, revaluation_id: str, number: int) -> RevaluationChunkRow | None:
    """One chunk, locked and read anew."""
    return tx.get(RevaluationChunkRow, (revaluation_id, number), with_for_update=True, populate_existing=True)


def save(tx: Tx) -> None:
    """Write what was changed."""
    tx.flush()


def progress(tx: Tx, revaluation_id: str) -> tuple[int, int, datetime | None]:
    """(funds valued, chunks done, when the last of them was done) of a revaluation."""
    query = select(
        func.coalesce(func.sum(func.cardinality(col(RevaluationChunkRow.fund_ids))), 0),
        func.count(),
        func.max(col(RevaluationChunkRow.computed_at)),
    ).where(RevaluationChunkRow.revaluation_id == revaluation_id, col(RevaluationChunkRow.computed_at).is_not(None))
    funds, chunks, last = tx.exec(query).one()
    return int(funds), int(chunks), last
