"""The agreement is made from the registers and signed by three on one version; each signature keeps those before."""

import io

import pytest
from pypdf import PdfReader

from exchange.core.errors import IllegalTransition
from exchange.infra import signing
from exchange.infra.clock import business_now
from exchange.infra.database import transaction
from exchange.infra.files import file_store
from exchange.settlement.approval import ApprovalEvent
from exchange.settlement.deal import DealStatus
from exchange.settlement.errors import AgreementNotFound, AgreementOutdated, AlreadySigned
from exchange.settlement.service import agreements, consents
from exchange.settlement.service.agreements import SeenAgreement
from exchange.settlement.tables.deals import DealRow
from tests.integration.matching.exchange_world import Market
from tests.integration.settlement.deal_world import deal, status_of
from tests.integration.settlement.test_steps import a_cleared_deal, grant


@pytest.fixture(autouse=True)
def key_of_this_test() -> None:
    """The sandbox's key lies in the data folder, which is this test's own."""
    signing._signer.cache_clear()


def an_approved_deal(market: Market) -> DealRow:
    """A deal that waits for its agreement."""
    row = a_cleared_deal(market)
    grant(market, row)
    with transaction() as tx:
        (asked,) = consents.approvals_of(tx, market.operator, deal_id=row.id)
        consents.decide_approval(
            tx,
            market.operator,
            business_now(tx),
            approval_id=asked.id,
            event=ApprovalEvent.GRANT,
            body="exchange",
            document_number="1",
        )
    return deal(row.id)


def generate(market: Market, row: DealRow) -> SeenAgreement:
    """The manager makes a version."""
    with transaction() as tx:
        return agreements.generate(tx, market.seller, business_now(tx), deal_id=row.id)


def sign(market: Market, agreement_id: str, name: str) -> SeenAgreement:
    """A person signs."""
    person = market.seller if name == "seller" else market.buyers[name]
    with transaction() as tx:
        return agreements.sign(tx, person, business_now(tx), agreement_id=agreement_id)


def test_three_sides_sign_one_version_and_every_signature_holds(market: Market) -> None:
    row = an_approved_deal(market)
    made = generate(market, row)
    sign(market, made.row.id, "social")
    assert status_of(row.id) is DealStatus.APPROVED
    done = sign(market, made.row.id, "seller")  # seller and manager are one organisation here
    assert status_of(row.id) is DealStatus.SIGNED
    with transaction() as tx:
        content = agreements.content_of(tx, market.operator, agreement_id=made.row.id)
    assert set(signing.valid_signatures(content)) == {"v1_buyer", "v1_seller", "v1_manager"}
    assert [item.side.value for item in done.signatures] == ["buyer", "seller", "manager"]


def test_the_paper_says_what_the_registers_say_and_is_an_archive_file(market: Market) -> None:
    row = an_approved_deal(market)
    made = generate(market, row)
    reader = PdfReader(io.BytesIO(file_store().read(made.row.sha256)))
    words = "".join(page.extract_text() for page in reader.pages)
    for expected in ("14960000.00", "20000000.00", "0.85", row.trade_id, "基金份额转让协议"):
        assert expected in words
    metadata = reader.xmp_metadata
    assert metadata is not None
    assert "pdfaid" in metadata.rdf_root.toxml()
    assert generate(market, row).row.sha256 == made.row.sha256


def test_a_new_version_voids_the_signatures_of_the_last(market: Market) -> None:
    row = an_approved_deal(market)
    first = generate(market, row)
    sign(market, first.row.id, "social")
    second = generate(market, row)
    with pytest.raises(AgreementOutdated):
        sign(market, first.row.id, "seller")
    sign(market, second.row.id, "seller")
    assert status_of(row.id) is DealStatus.APPROVED
    sign(market, second.row.id, "social")
    assert status_of(row.id) is DealStatus.SIGNED


def test_other_terms_than_those_of_the_deal_are_not_signed(market: Market) -> None:
    row = an_approved_deal(market)
    made = generate(market, row)
    with transaction() as tx:
        found = tx.get(DealRow, row.id)
        assert found is not None
        found.plan = {"later": [{"share_ppm": 400_000, "days": 365}], "interest_ppm": 0, "security": "pledge"}
    with pytest.raises(AgreementOutdated):
        sign(market, made.row.id, "social")
    assert status_of(row.id) is DealStatus.APPROVED


def test_nobody_signs_twice_early_or_for_others(market: Market) -> None:
    early = a_cleared_deal(market)
    with pytest.raises(IllegalTransition):
        generate(market, early)
    grant(market, early)
    with transaction() as tx:
        (asked,) = consents.approvals_of(tx, market.operator, deal_id=early.id)
        consents.decide_approval(
            tx,
            market.operator,
            business_now(tx),
            approval_id=asked.id,
            event=ApprovalEvent.GRANT,
            body="exchange",
            document_number="1",
        )
    made = generate(market, early)
    with pytest.raises(AgreementNotFound):
        sign(market, made.row.id, "second")
    sign(market, made.row.id, "social")
    with pytest.raises(AlreadySigned):
        sign(market, made.row.id, "social")
