"""Every code a package can raise has a title and a sentence in both languages, with the right placeholders."""

import importlib
import pkgutil
import re

import exchange
from exchange.core.errors import ExchangeError
from exchange.rest.problems import code_of_slug, slug
from exchange.rest.texts import LANGUAGES, catalogue, detail, preferred_language, title


def error_classes() -> set[type[ExchangeError]]:
    """Every deliberate refusal of the packages."""
    for module in pkgutil.walk_packages(exchange.__path__, "exchange."):
        if module.name.endswith(".errors"):
            importlib.import_module(module.name)
    for name in ("body", "deps", "idempotency", "paging", "problems"):
        importlib.import_module(f"exchange.rest.{name}")
    found: set[type[ExchangeError]] = set()
    waiting: list[type[ExchangeError]] = [ExchangeError]
    while waiting:
        kind = waiting.pop()
        found.add(kind)
        waiting += kind.__subclasses__()
    return found


def test_every_code_has_texts() -> None:
    missing = sorted({kind.code for kind in error_classes()} - set(catalogue()))
    assert missing == [], "Add them to exchange/rest/texts/<package>.toml"


def test_both_languages_say_the_same_with_the_same_numbers() -> None:
    for code, text in catalogue().items():
        names = [set(re.findall(r"{(\w+)}", text.detail[language])) for language in LANGUAGES]
        assert names[0] == names[1], code
        assert re.search(r"[\u4e00-\u9fff]", text.title["zh"] + text.detail["zh"]), code
        assert not re.search(r"[\u4e00-\u9fff]", text.title["en"] + text.detail["en"]), code


def test_a_sentence_with_a_missing_number_is_still_a_sentence() -> None:
    assert detail("RATE_LIMITED", "en", {"seconds": "5"}).endswith("retry in 5 s.")
    assert detail("RATE_LIMITED", "en") == "Too many requests; retry in – s."
    assert title("NO_SUCH_CODE", "zh") == detail("NO_SUCH_CODE", "en") == "NO_SUCH_CODE"


def test_a_code_and_its_address_belong_to_each_other() -> None:
    assert slug("BODY_TOO_LARGE") == "body-too-large"
    assert code_of_slug("body-too-large") == "BODY_TOO_LARGE"
    assert code_of_slug("no-such") is None


def test_the_preferred_language_is_found_in_any_header() -> None:
    cases = {
        "": "zh",
        "en": "en",
        "en-GB,en;q=0.9": "en",
        "zh-CN,en;q=0.5": "zh",
        "fr, en;q=0.3": "en",
        "fr": "zh",
        "en;q=nonsense, zh;q=0.1": "zh",
        "en;q=0.2, zh;q=0.8": "zh",
        "x" * 5000: "zh",
    }
    assert {header: preferred_language(header) for header in cases} == cases
