"""Every cell of the permission matrix, against a table written down by hand."""

import itertools
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exchange.diligence.item import Visibility
from exchange.diligence.visibility import NOTHING, Paper, RoomStage, Scope, Side, Sight, Viewer, may_see, sight

# Who -> stage -> which of public, qualified, nda, shortlist, parties, exchange_only are seen (x) or not (-).
# The paper belongs to the listing, was handed in by somebody else, and is accepted.
MATRIX = """
who                  unpublished published open   awarded ended
seller               xxxxx-      xxxxx-    xxxxx- xxxxx-  ------
gp                   xxxxx-      xxxxx-    xxxxx- xxxxx-  ------
operator             xxxxxx      xxxxxx    xxxxxx xxxxxx  xxxxxx
auditor              xxxxxx      xxxxxx    xxxxxx xxxxxx  xxxxxx
stranger             ------      x-----    x----- ------  ------
unqualified          ------      x-----    x----- ------  ------
qualified            ------      xx----    xx---- ------  ------
nda                  ------      xx----    xxx--- ------  ------
shortlisted          ------      xx----    xxxx-- ------  ------
shortlisted_no_nda   ------      xx----    xx---- ------  ------
nda_not_qualified    ------      x-----    x----- ------  ------
winner               ------      xx----    xxxxx- xxxxx-  ------
granted_bidder       ------      xx----    xxxxx- ------  ------
granted_no_nda       ------      xx----    xx---- ------  ------
adviser              ------      x-----    x----- x-----  ------
granted_adviser      ------      xxxxx-    xxxxx- xxxxx-  ------
denied_bidder        ------      ------    ------ ------  ------
denied_adviser       ------      ------    ------ ------  ------
"""
RIGHTS = [
    Visibility.PUBLIC,
    Visibility.QUALIFIED,
    Visibility.NDA,
    Visibility.SHORTLIST,
    Visibility.PARTIES,
    Visibility.EXCHANGE_ONLY,
]
ALL = Scope(is_room=True)
ME = "org_me"
BIDDER = Viewer(ME, Side.BIDDER)
VIEWERS = {
    "seller": Viewer(ME, Side.SELLER),
    "gp": Viewer(ME, Side.GP),
    "operator": Viewer(ME, Side.OPERATOR),
    "auditor": Viewer(ME, Side.AUDITOR),
    "stranger": Viewer(ME, Side.STRANGER, is_qualified=True, has_nda=True, is_shortlisted=True),
    "unqualified": BIDDER,
    "qualified": replace(BIDDER, is_qualified=True),
    "nda": replace(BIDDER, is_qualified=True, has_nda=True),
    "shortlisted": replace(BIDDER, is_qualified=True, has_nda=True, is_shortlisted=True),
    "shortlisted_no_nda": replace(BIDDER, is_qualified=True, is_shortlisted=True),
    "nda_not_qualified": replace(BIDDER, has_nda=True, is_shortlisted=True),
    "winner": replace(BIDDER, is_qualified=True, has_nda=True, is_winner=True),
    "granted_bidder": replace(BIDDER, is_qualified=True, has_nda=True, allowed=ALL),
    "granted_no_nda": replace(BIDDER, is_qualified=True, allowed=ALL),
    "adviser": Viewer(ME, Side.ADVISER),
    "granted_adviser": Viewer(ME, Side.ADVISER, allowed=ALL),
    "denied_bidder": replace(
        BIDDER, is_qualified=True, has_nda=True, is_shortlisted=True, is_winner=True, allowed=ALL, denied=ALL
    ),
    "denied_adviser": Viewer(ME, Side.ADVISER, allowed=ALL, denied=ALL),
}


def cells() -> list[tuple[str, RoomStage, Visibility, bool]]:
    """The matrix, one cell an entry."""
    head, *rows = [line.split() for line in MATRIX.strip().splitlines()]
    stages = [RoomStage(name) for name in head[1:]]
    return [
        (row[0], stage, right, mark == "x")
        for row in rows
        for stage, marks in zip(stages, row[1:], strict=True)
        for right, mark in zip(RIGHTS, marks, strict=True)
    ]


def test_the_matrix_has_every_cell() -> None:
    assert {cell[:3] for cell in cells()} == set(itertools.product(VIEWERS, RoomStage, Visibility))
    assert set(Side) == {viewer.side for viewer in VIEWERS.values()}


@pytest.mark.parametrize("who", VIEWERS)
def test_every_cell_of_the_matrix(who: str) -> None:
    wrong = [
        f"{who} at {stage} sees {right}: {seen}"
        for name, stage, right, expected in cells()
        if name == who
        and (seen := may_see(Paper(right, "C01", "doc_1", "org_other"), VIEWERS[who], stage)) is not expected
    ]
    assert wrong == []


@pytest.mark.parametrize(("stage", "right"), list(itertools.product(RoomStage, Visibility)))
def test_a_bidders_paper_is_seen_by_itself_the_exchange_and_nobody_else(stage: RoomStage, right: Visibility) -> None:
    paper = Paper(right, "G06", "doc_1", "org_a", bidder_id="org_a")
    seen = {who for who, viewer in VIEWERS.items() if may_see(paper, viewer, stage)}
    assert seen == {"operator", "auditor"}
    own = Viewer("org_a", Side.BIDDER)
    assert may_see(paper, own, stage)


@pytest.mark.parametrize("side", [Side.SELLER, Side.GP])
def test_the_sides_see_the_buyers_papers_after_the_award(side: Side) -> None:
    paper = Paper(Visibility.PARTIES, "I02", "doc_1", "org_a", bidder_id="org_a")
    before, after = Viewer(ME, side), Viewer(ME, side, winners=frozenset({"org_a"}))
    assert not may_see(paper, before, RoomStage.PUBLISHED)
    assert may_see(paper, after, RoomStage.AWARDED)
    assert not may_see(replace(paper, bidder_id="org_b"), after, RoomStage.AWARDED)
    assert not may_see(replace(paper, visibility=Visibility.EXCHANGE_ONLY), after, RoomStage.AWARDED)


def test_who_handed_a_paper_in_sees_it_to_the_end() -> None:
    paper = Paper(Visibility.EXCHANGE_ONLY, "A03", "doc_1", ME, is_accepted=False)
    assert all(may_see(paper, Viewer(ME, Side.SELLER), stage) for stage in RoomStage)


def test_a_paper_that_nobody_has_accepted_is_shown_to_no_bidder() -> None:
    paper = Paper(Visibility.PUBLIC, "C02", "doc_1", "org_other", is_accepted=False)
    seen = {who for who, viewer in VIEWERS.items() if may_see(paper, viewer, RoomStage.OPEN)}
    assert seen == {"seller", "gp", "operator", "auditor"}


def test_what_stands_in_the_way_is_named_for_the_exchange() -> None:
    nda = Paper(Visibility.NDA, "C01", "doc_1", "org_other")
    assert sight(nda, VIEWERS["qualified"], RoomStage.OPEN) is Sight.NDA_MISSING
    assert sight(nda, VIEWERS["nda"], RoomStage.PUBLISHED) is Sight.ROOM_SHUT
    shortlist = replace(nda, visibility=Visibility.SHORTLIST)
    assert sight(shortlist, VIEWERS["nda"], RoomStage.OPEN) is Sight.NOT_SHORTLISTED


scopes = st.sampled_from([NOTHING, ALL, Scope(item_codes=frozenset({"C01"})), Scope(document_ids=frozenset({"doc_1"}))])
viewers = st.builds(
    Viewer,
    organisation_id=st.sampled_from([ME, "org_a"]),
    side=st.sampled_from(Side),
    is_qualified=st.booleans(),
    has_nda=st.booleans(),
    is_shortlisted=st.booleans(),
    is_winner=st.booleans(),
    winners=st.sampled_from([frozenset(), frozenset({"org_a"})]),
    allowed=scopes,
    denied=scopes,
)
papers = st.builds(
    Paper,
    visibility=st.sampled_from(Visibility),
    item_code=st.sampled_from(["C01", "C02"]),
    document_id=st.sampled_from(["doc_1", "doc_2"]),
    owner_id=st.sampled_from([ME, "org_other"]),
    bidder_id=st.sampled_from([None, ME, "org_a"]),
    is_accepted=st.booleans(),
)


@given(papers, viewers, st.sampled_from(RoomStage))
def test_a_denial_wins_over_everything(paper: Paper, viewer: Viewer, stage: RoomStage) -> None:
    denied = replace(viewer, denied=Scope(document_ids=frozenset({paper.document_id})))
    assert not may_see(paper, denied, stage)


@given(papers, viewers, st.sampled_from(RoomStage))
def test_a_wider_rung_is_seen_wherever_a_narrower_one_is(paper: Paper, viewer: Viewer, stage: RoomStage) -> None:
    seen = [may_see(replace(paper, visibility=right), viewer, stage) for right in RIGHTS]
    assert seen == sorted(seen, reverse=True)


@given(papers, viewers, st.sampled_from(RoomStage))
def test_no_bidder_ever_sees_another_bidders_paper(paper: Paper, viewer: Viewer, stage: RoomStage) -> None:
    bidder = replace(viewer, side=Side.BIDDER, organisation_id=ME)
    others = replace(paper, bidder_id="org_a", owner_id="org_a")
    assert not may_see(others, bidder, stage)
