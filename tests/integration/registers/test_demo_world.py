import pytest

from exchange import seed
from exchange.infra.database import cursor, transaction
from exchange.infra.settings import settings
from exchange.oversight.service import invariant_findings


def ask(statement: str) -> list[tuple[object, ...]]:
    with transaction() as tx, cursor(tx) as sql:
        sql.execute(statement)
        return sql.fetchall()


@pytest.fixture
def sandbox(database_url: str, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("EXCHANGE_SANDBOX", "true")
    settings.cache_clear()
    return database_url


def test_the_demo_world_is_loaded_once_and_its_registers_agree(sandbox: str) -> None:
    assert sandbox
    told: list[tuple[int, int, str]] = []
    assert not seed.is_seeded()
    seed.seed(lambda *step: told.append(step))
    assert seed.is_seeded()
    assert [done for done, _, _ in told] == list(range(seed.STAGES + 1))
    events = ask("SELECT count(*) FROM event")
    seed.seed(lambda *step: told.append(step))
    assert ask("SELECT count(*) FROM event") == events

    assert ask("SELECT currency, count(*) FROM fund GROUP BY 1 ORDER BY 1") == [("CNY", 8), ("USD", 48)]
    assert ask("SELECT count(*) FROM listing WHERE status = 'approved'") == [(19,)]
    assert ask("SELECT count(DISTINCT mode) FROM listing") == [(3,)]
    assert ask("SELECT count(*) FROM organisation WHERE NOT is_simulated OR status <> 'approved'") == [(0,)]
    assert ask("SELECT count(*) FROM listing WHERE NOT is_simulated") == [(0,)]
    assert ask("SELECT count(*) FROM standing WHERE buyer_class = 'guidance_fund'") == [(3,)]
    # Every holder's part adds up to the position the statement reports.
    assert ask(
        "SELECT count(*) FROM (SELECT fund_id, sum(subscribed_minor) AS s FROM holding GROUP BY 1) h JOIN "
        "(SELECT DISTINCT ON (fund_id) fund_id, subscribed_minor FROM nav_statement ORDER BY fund_id, as_of DESC) n "
        "USING (fund_id) WHERE h.s <> n.subscribed_minor"
    ) == [(0,)]
    with transaction() as tx:
        assert [finding for finding in invariant_findings(tx) if not finding.holds] == []


def test_no_demo_world_outside_a_sandbox(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert database_url
    monkeypatch.setenv("EXCHANGE_SANDBOX", "false")
    settings.cache_clear()
    with pytest.raises(seed.NotASandbox):
        seed.seed(lambda *_: None)
    assert ask("SELECT count(*) FROM organisation") == [(0,)]
