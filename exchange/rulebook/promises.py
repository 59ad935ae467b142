"""Words that promise the principal or a return: nobody may write them where other parties read (R-28).

A plain search of normalised text. It finds the usual phrases and no paraphrase; who reads is warned, who writes is
stopped. A sentence that denies the promise ("no guaranteed return") is let through.
Source: 私募投资基金监督管理条例 20.
"""

import re
import unicodedata

RULE = "R-28"
PROMISES = (
    "保本保息",
    "保本",
    "保收益",
    "保证收益",
    "承诺收益",
    "零风险",
    "刚性兑付",
    "固定回报",
    "保底收益",
    "guaranteed return",
    "guaranteed principal",
    "guarantee the principal",
    "guarantee a return",
    "principal is guaranteed",
    "risk-free return",
    "no risk of loss",
)
DENIED = re.compile(r"(?:不|不得|不会|非|无|禁止|\b(?:no|not|never|without|nor))\s*$")
"""A word of denial right before a phrase."""


def promises_in(text: str) -> tuple[str, ...]:
    """The forbidden phrases of a text in their order, each once; empty when there is none."""
    plain = re.sub(r"\s+", " ", unicodedata.normalize("NFKC", text)).casefold()
    found: dict[str, int] = {}
    for phrase in sorted(PROMISES, key=len, reverse=True):
        start = plain.find(phrase)
        while start >= 0:
            covered = any(at <= start < at + len(longer) for longer, at in found.items())
            if not covered and not DENIED.search(plain[:start]):
                found[phrase] = start
                break
            start = plain.find(phrase, start + 1)
    return tuple(sorted(found, key=lambda phrase: found[phrase]))
