"""Promises of principal or return are found, their denial is not one."""

import pytest

from exchange.rulebook.promises import promises_in


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("本产品保本保息，年化8%", ("保本保息",)),
        ("承诺收益不低于6%，零风险", ("承诺收益", "零风险")),
        ("A Guaranteed  Return of 8 %", ("guaranteed return",)),
        ("保 本", ()),
        ("ＧＵＡＲＡＮＴＥＥＤ　ＲＥＴＵＲＮ", ("guaranteed return",)),
    ],
)
def test_usual_phrases_are_found(text: str, found: tuple[str, ...]) -> None:
    assert promises_in(text) == found


@pytest.mark.parametrize(
    "text",
    [
        "",
        "基金不保本，不承诺收益",
        "管理人不得承诺收益",
        "There is no guaranteed return.",
        "Returns are not guaranteed.",
        "NAV at 30 June is 1.02",
    ],
)
def test_denials_and_plain_facts_pass(text: str) -> None:
    assert promises_in(text) == ()
