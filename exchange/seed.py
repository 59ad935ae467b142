"""The demo world, through the public services only: parties, real funds by import, money, listings, valuations.

All of it is one transaction: it is there whole or not at all, and loading it again does nothing. Real fund figures
keep their source; every party, holding, listing and price around them is simulated and marked so.
"""

import csv
import io
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

from exchange.access.actor import Actor
from exchange.access.approval import ApprovalStatus
from exchange.access.roles import Role, permissions_of
from exchange.access.service import approvals, users
from exchange.core.clock import market_date
from exchange.core.money import allocate, money_from_text, scale_decimal, unscale_decimal
from exchange.core.terms import BuyerClass
from exchange.funds import panel, synthetic, synthetic_schedule
from exchange.funds import service as funds
from exchange.imports import service as imports
from exchange.imports.kinds import ImportKind
from exchange.infra import clock
from exchange.infra.database import Tx, run_in_transaction, transaction
from exchange.infra.settings import settings
from exchange.ledger import service as ledger
from exchange.parties import service as parties
from exchange.parties.lifecycle import OrganisationEvent, OrganisationKind
from exchange.seed_advice import admit_advisers
from exchange.seed_listings import list_interests
from exchange.seed_world import DATA, World
from exchange.seed_world import DEMO as DEMO
from exchange.valuation import synthetic_appraisal
from exchange.valuation.service import appraisals, parameters, revaluations
from exchange.valuation.service.published import published_figures

SOURCE = "Oregon State Treasury, OPERF Private Equity Portfolio (public record; 公开披露)"
WARNING = (
    "基金数据来源：公开披露；交易为模拟。The plan warns: its IRRs do not reflect expected returns, are not to be "
    "used to compare partnerships, and were not approved by the general partners."
)
DEPOSITS = {"CNY": "3000000000.00", "USD": "600000000.00"}
ROLL_WEIGHTS = {"holder.a": 40, "holder.b": 30, "holder.c": 20, "holder.d": 10}
LISTED_IN_SHANGHAI = frozenset(plan["fund"] for plan in DEMO["listings"] if plan["profile"] == "CN_SH")
"""Real funds, by their place in the demo; where they are registered is simulated like their filing."""
STAGES = 10

Report = Callable[[int, int, str], None]

DEMO_SIGN_INS: tuple[tuple[str, str, str], ...] = (
    *(("operator", entry["login"], DEMO["password"]) for entry in DEMO["operator"]["founders"]),
    *((entry["role"], entry["login"], DEMO["password"]) for entry in DEMO["watch"]["users"]),
    *(("gp", entry["login"], DEMO["password"]) for entry in DEMO["gps"]),
    *(("seller", entry["login"], DEMO["password"]) for entry in DEMO["holders"]),
    *((entry["buyer_class"], entry["login"], DEMO["password"]) for entry in DEMO["investors"]),
    *(("adviser", entry["login"], DEMO["password"]) for entry in DEMO["advisers"]),
)
"""Role, login and password of everyone in the demo world. A sandbox holds no real secret."""


class NotASandbox(RuntimeError):
    """The demo world is loaded into a sandbox only."""


def is_seeded() -> bool:
    """True when the database holds the demo world."""
    with transaction() as tx:
        return clock.is_seeded(tx)


def main(_: Sequence[str] = ()) -> int:
    """``python3 -m exchange seed``: load the demo world with a progress bar, once."""
    from rich.progress import Progress

    if is_seeded():
        print("The demo world is there already; nothing was changed.")
        return 0
    with Progress() as bar:
        task = bar.add_task("demo world", total=STAGES)
        seed(lambda done, total, text: bar.update(task, completed=done, total=total, description=text))
    for role, login, password in DEMO_SIGN_INS:
        print(f"  {role:<26} {login:<18} {password}")
    return 0


def seed(report: Report) -> None:
    """Load the demo world in one transaction; does nothing when it is there. ``report`` gets done, total, text."""
    if not settings().sandbox:
        raise NotASandbox("set EXCHANGE_SANDBOX=1: the demo world has simulated parties and a simulated clock")
    run_in_transaction(lambda tx: _load(tx, report))


def _load(tx: Tx, report: Report) -> None:
    if clock.is_seeded(tx):
        return
    now: datetime = DEMO["now"]
    clock.set_business_now(tx, now)
    report(0, STAGES, "operators")
    world = _found(tx, now)
    stages: tuple[tuple[str, Callable[[World], None]], ...] = (
        ("parties", _admit_everyone),
        ("advisers", admit_advisers),
        ("funds", _import_funds),
        ("NAV statements and cash flows", _import_histories),
        ("partner registers and money", _fill_registers),
        ("schedules of investments", _schedule_and_appraise),
        ("parameters of valuation", _enter_parameters),
        ("listings and their papers", list_interests),
        ("valuations", _value_everything),
    )
    for number, (text, stage) in enumerate(stages, start=1):
        report(number, STAGES, text)
        stage(world)
    clock.mark_seeded(tx, now)
    report(STAGES, STAGES, "done")


def _found(tx: Tx, now: datetime) -> World:
    entry = DEMO["operator"]
    founders = [parties.Founder(item["login"], item["name"], DEMO["password"]) for item in entry["founders"]]
    founded = parties.found(tx, now, _application(entry, OrganisationKind.OPERATOR, 1), founders)
    one, two = (_actor(user_id, founded.organisation_id, Role.OPERATOR) for user_id in founded.user_ids[:2])
    return World(tx, now, (one, two))


def _application(entry: dict[str, Any], kind: OrganisationKind, number: int) -> parties.Application:
    return parties.Application(
        kind=kind,
        name_zh=entry["name_zh"],
        name_en=entry["name_en"],
        credit_code=parties.simulated_credit_code(number),
        is_state_owned=entry.get("is_state_owned", False),
        is_simulated=True,
    )


def _actor(user_id: str, organisation_id: str, role: Role) -> Actor:
    roles = frozenset({role})
    return Actor(user_id, organisation_id, roles, permissions_of(roles))


def _admit_everyone(world: World) -> None:
    kinds = (
        ("gps", OrganisationKind.GP),
        ("holders", OrganisationKind.INVESTOR),
        ("investors", OrganisationKind.INVESTOR),
        ("advisers", OrganisationKind.ADVISER),
    )
    roles = {OrganisationKind.GP: Role.GP, OrganisationKind.ADVISER: Role.ADVISER}
    number = 10
    for group, kind in kinds:
        for entry in DEMO[group]:
            number += 1
            organisation_id = _admit(world, _application(entry, kind, number))
            role = roles.get(kind, Role.INVESTOR)
            world.actors[entry["login"]] = _enrol(world, organisation_id, entry["login"], entry["name_zh"], role)
            world.credit_codes[entry["login"]] = parties.simulated_credit_code(number)
            if kind is OrganisationKind.INVESTOR:
                _prove(world, organisation_id, entry)
    watch = _admit(world, _application(DEMO["watch"], OrganisationKind.AUDITOR, 2))
    for entry in DEMO["watch"]["users"]:
        _enrol(world, watch, entry["login"], entry["name"], Role(entry["role"]))


def _admit(world: World, application: parties.Application) -> str:
    one, _ = world.operators
    row = parties.apply(world.tx, one, world.now, application)
    _approve(world, parties.ask(world.tx, one, world.now, row.id, OrganisationEvent.APPROVE).id)
    return row.id


def _approve(world: World, approval_id: str) -> None:
    """The second operator agrees to what the first asked for."""
    _, two = world.operators
    approvals.decide(world.tx, two, world.now, approval_id, ApprovalStatus.APPROVED, reason="模拟 simulated")


def _enrol(world: World, organisation_id: str, login: str, name: str, role: Role) -> Actor:
    user = users.create_user(
        world.tx,
        world.operators[0],
        world.now,
        organisation_id=organisation_id,
        login=login,
        name=name,
        password=DEMO["password"],
        roles=[role],
    )
    return _actor(user.id, organisation_id, role)


def _prove(world: World, organisation_id: str, entry: dict[str, Any]) -> None:
    """Class and suitability by two operators, and the owner where the demo names one."""
    one, _ = world.operators
    today = market_date(world.now)
    proof = parties.ClassProof(
        BuyerClass(entry["buyer_class"]), "模拟证明 simulated", today, today + timedelta(days=700)
    )
    _approve(world, parties.propose_class(world.tx, one, world.now, organisation_id, proof).id)
    suitability = parties.SuitabilityProof(
        currency="CNY",
        net_assets_minor=scale_decimal("5000000000.00", 2),
        financial_assets_minor=scale_decimal("2000000000.00", 2),
        evidence="模拟审计报告 simulated",
        as_of=today - timedelta(days=100),
        valid_to=today + timedelta(days=300),
        risk_rating=5,
        risk_statement_signed_on=today,
        no_nominee_declared_on=today,
    )
    _approve(world, parties.propose_suitability(world.tx, one, world.now, organisation_id, suitability).id)
    name = entry.get("owner")
    if name is not None:
        owner = parties.OwnershipProof(world.people.get(name), name, 600_000, today, "模拟证明 simulated")
        row = parties.record_owner(world.tx, one, world.now, organisation_id, owner)
        world.people[name] = row.owner_id


def _import_funds(world: World) -> None:
    rows: dict[str, list[dict[str, str]]] = {entry["login"]: [] for entry in DEMO["gps"]}
    logins = list(rows)
    for number, history in enumerate(_chosen()):
        code = history[-1]["fund_id"]
        world.real_codes.append(code)
        world.managers[code] = logins[number % len(logins)]
        rows[world.managers[code]].append(_real_fund(code, history[-1], number))
    for number, entry in enumerate(DEMO["synthetic"]):
        world.managers[entry["code"]] = logins[number % len(logins)]
        rows[world.managers[entry["code"]]].append(_synthetic_fund(entry, number))
    _import_each(world, ImportKind.FUNDS, rows)


def _chosen() -> list[list[panel.Row]]:
    with (DATA / "operf_pe_panel.csv").open(encoding="utf-8", newline="") as file:
        return panel.choose(csv.DictReader(file))


def _real_fund(code: str, last: panel.Row, number: int) -> dict[str, str]:
    return {
        "code": code,
        "name": last["fund_name"],
        "vintage": last["vintage"],
        "currency": "USD",
        "strategy": last["strategy_name_hint"] or "buyout_or_other",
        "risk_rating": "4",
        "sci_tech_ratio": "0",
        "source_mark": "reported",
        "source": SOURCE,
        "warning": WARNING,
        "registered_region": "31" if number in LISTED_IN_SHANGHAI else "",
        "filing_code": f"SIM-1{number:04d}",
    }


def _synthetic_fund(entry: dict[str, Any], number: int) -> dict[str, str]:
    return {
        "code": entry["code"],
        "name": entry["name"],
        "vintage": str(entry["vintage"]),
        "currency": "CNY",
        "strategy": entry["strategy"],
        "risk_rating": "5",
        "sci_tech_ratio": entry["sci_tech"],
        "source_mark": "simulated",
        "source": synthetic.SOURCE,
        "warning": "模拟数据，不对应任何真实基金。Simulated; no real fund.",
        "registered_region": "11",
        "filing_code": f"SIM-{number:05d}",
    }


def _import_histories(world: World) -> None:
    navs: dict[str, list[dict[str, str]]] = {entry["login"]: [] for entry in DEMO["gps"]}
    flows: dict[str, list[dict[str, str]]] = {login: [] for login in navs}
    for history in _chosen():
        code = history[-1]["fund_id"]
        navs[world.managers[code]] += panel.nav_rows(code, history, SOURCE)
        flows[world.managers[code]] += panel.cash_flow_rows(code, history, f"{SOURCE}; change between reports")
    for entry in DEMO["synthetic"]:
        code, size = entry["code"], entry["size_yi"] * 10**8 * 100
        quarters = list(synthetic.quarters(code, entry["vintage"], size, market_date(world.now)))
        navs[world.managers[code]] += synthetic.nav_rows(code, size, quarters)
        flows[world.managers[code]] += synthetic.cash_flow_rows(code, quarters)
    _import_each(world, ImportKind.NAV_HISTORY, navs)
    _import_each(world, ImportKind.CASH_FLOWS, flows)


def _import_each(world: World, kind: ImportKind, rows: dict[str, list[dict[str, str]]]) -> None:
    """Every manager uploads and commits its own file, as it would over the API."""
    for login, lines in rows.items():
        text = io.StringIO()
        writer = csv.DictWriter(text, list(lines[0]), restval="")
        writer.writeheader()
        writer.writerows(lines)
        actor = world.actors[login]
        file = io.BytesIO(text.getvalue().encode("utf-8"))
        name = f"{login}-{kind.value}.csv"
        row = imports.upload(world.tx, actor, world.now, kind=kind, file_name=name, file=file)
        imports.commit(world.tx, actor, world.now, import_id=row.id)


def _fill_registers(world: World) -> None:
    """Neutral holders share each position by fixed weights; then everybody gets money."""
    rows: dict[str, list[dict[str, str]]] = {entry["login"]: [] for entry in DEMO["gps"]}
    known = funds.funds_by_code(world.tx, list(world.managers))
    latest = funds.latest_nav_statements(world.tx, [row.id for row in known.values()])
    for code, login in world.managers.items():
        nav = latest[known[code].id]
        figures = (nav.subscribed_minor, nav.paid_in_minor, nav.unfunded_minor)
        parts = [allocate(figure, list(ROLL_WEIGHTS.values())) for figure in figures]
        for holder, subscribed, paid_in, unfunded in zip(ROLL_WEIGHTS, *parts, strict=True):
            amounts = {"subscribed": subscribed, "paid_in": paid_in, "unfunded": unfunded}
            words = {name: unscale_decimal(amount, 2) for name, amount in amounts.items()}
            rows[login].append({"fund_code": code, "holder_code": world.credit_codes[holder]} | words)
    _import_each(world, ImportKind.PARTNER_REGISTER, rows)
    for login in [entry["login"] for entry in (*DEMO["holders"], *DEMO["investors"])]:
        _give_money(world, world.actors[login].organisation_id)


def _give_money(world: World, organisation_id: str) -> None:
    one, _ = world.operators
    for currency, amount in DEPOSITS.items():
        account = ledger.open_cash_account(world.tx, one, organisation_id=organisation_id, currency=currency)
        money = money_from_text(amount, currency)
        ledger.deposit(world.tx, one, world.now, account_id=account.id, amount=money, reference_id="SIMULATED-BANK")


def _schedule_and_appraise(world: World) -> None:
    """What the synthetic funds own, entered by their managers; an appraisal of one, filed by the other operator."""
    one, two = world.operators
    known = funds.funds_by_code(world.tx, [entry["code"] for entry in DEMO["synthetic"]])
    latest = funds.latest_nav_statements(world.tx, [row.id for row in known.values()])
    for code, fund in known.items():
        nav, manager = latest[fund.id], world.actors[world.managers[code]]
        owned = synthetic_schedule.schedule(code, fund.id, nav.as_of, nav.nav_minor)
        funds.record_schedule(world.tx, manager, world.now, schedule=owned)
    fund_id, profile = known[DEMO["appraised"]["fund"]].id, DEMO["appraised"]["profile"]
    nav = latest[fund_id]
    report = synthetic_appraisal.appraisal(fund_id, profile, nav.as_of, nav.nav_minor)
    row = appraisals.record_appraisal(world.tx, one, world.now, appraisal=report).row
    number, today = synthetic_appraisal.FILING_NUMBER, market_date(world.now)
    appraisals.file_appraisal(world.tx, two, world.now, appraisal_id=row.id, filing_number=number, filed_on=today)


def _enter_parameters(world: World) -> None:
    """The published international figures by two operators.

    The exchange ships no figures for China and the demo invents none: their models say what is missing.
    """
    one, _ = world.operators
    today = market_date(world.now)
    figures = [figure for figure in published_figures() if figure.effective_on <= today]
    _approve(world, parameters.propose(world.tx, one, world.now, entered=figures).id)


def _value_everything(world: World) -> None:
    """Every fund is put before the workers."""
    revaluations.request(world.tx, world.operators[0], world.now)
