"""One worked example of each calculator: the request that OpenAPI shows and docs/calculators.md works out."""

from typing import Any

EXAMPLES: dict[str, dict[str, Any]] = {
    "roll-forward": {
        "currency": "CNY",
        "nav": "88000000.00",
        "nav_on": "2025-12-31",
        "valued_on": "2026-06-30",
        "flows": [
            {"on": "2025-12-31", "distributed": "1500000.00"},
            {"on": "2026-03-15", "called": "5000000.00"},
            {"on": "2026-04-20", "distributed": "3200000.00", "recallable": "1000000.00"},
        ],
        "fee": {"rate": "0.0200", "basis": "commitment", "commitment": "100000000.00"},
        "translation": {"currency": "USD", "rate": "0.1400"},
        "stale_after_days": 120,
    },
    "returns": {
        "currency": "CNY",
        "as_of": "2025-12-31",
        "nav": "60000000.00",
        "commitment": "100000000.00",
        "flows": [
            {"on": "2021-06-30", "called": "40000000.00", "line_drawn_on": "2021-01-04", "line_cost": "600000.00"},
            {"on": "2022-09-30", "called": "30000000.00"},
            {"on": "2024-03-29", "distributed": "25000000.00", "recallable": "5000000.00"},
            {"on": "2025-06-30", "distributed": "20000000.00"},
        ],
        "investments": {"invested": "62000000.00", "realised": "45000000.00", "unrealised": "63000000.00"},
    },
    "irr": {
        "currency": "CNY",
        "flows": [
            {"on": "2021-01-01", "amount": "-10000000.00"},
            {"on": "2022-01-01", "amount": "23000000.00"},
            {"on": "2023-01-01", "amount": "-13200000.00"},
        ],
    },
    "pme": {
        "currency": "USD",
        "as_of": "2010-12-31",
        "nav": "75.00",
        "flows": [
            {"on": "2001-12-31", "called": "100.00"},
            {"on": "2003-12-31", "called": "100.00", "distributed": "25.00"},
            {"on": "2005-12-31", "called": "50.00", "distributed": "150.00"},
            {"on": "2007-12-31", "distributed": "150.00"},
            {"on": "2009-12-31", "distributed": "100.00"},
        ],
        "index": [
            {"on": "2001-12-31", "level": "100"},
            {"on": "2002-12-31", "level": "78"},
            {"on": "2003-12-31", "level": "100"},
            {"on": "2004-12-31", "level": "111"},
            {"on": "2005-12-31", "level": "117"},
            {"on": "2006-12-31", "level": "135"},
            {"on": "2007-12-31", "level": "142"},
            {"on": "2008-12-31", "level": "90"},
            {"on": "2009-12-31", "level": "113"},
            {"on": "2010-12-31", "level": "131"},
        ],
    },
    "projection": {
        "currency": "USD",
        "as_of": "2025-12-31",
        "unfunded": "100000000.00",
        "frequency": "annual",
        "sets": [
            {
                "name": "venture",
                "source": "Takahashi and Alexander 2001",
                "growth": "0.13",
                "life_years": 12,
                "bow": "2.5",
                "contribution_rates": ["0.25", "0.333333", "0.5"],
            }
        ],
        "simulation": {
            "seed": 20260630,
            "paths": 2000,
            "quantiles": ["0.05", "0.5", "0.95"],
            "intensity_now": "0.40",
            "intensity_mean": "0.40",
            "intensity_reversion": "1.50",
            "intensity_volatility": "0.30",
            "pace": "0.03",
            "distribution_volatility": "0.20",
            "growth": "0.13",
            "life_years": "12",
        },
    },
    "price": {
        "currency": "CNY",
        "closing_on": "2026-09-30",
        "nav": "100000000.00",
        "rolled_nav": "97500000.00",
        "unfunded": "5000000.00",
        "flows": [
            {"on": "2026-12-31", "called": "5000000.00"},
            {"on": "2027-06-30", "distributed": "18000000.00"},
            {"on": "2028-06-30", "distributed": "34000000.00"},
            {"on": "2029-06-30", "distributed": "41000000.00"},
            {"on": "2030-06-30", "distributed": "29000000.00"},
        ],
        "target_return": "0.1800",
        "instalments": [{"share": "0.60", "after_days": 0}, {"share": "0.40", "after_days": 365}],
        "given_price": "83000000.00",
    },
    "discount": {
        "volatility": "0.45",
        "years": "2",
        "risk_free_rate": "0.04",
        "value": "10000000.00",
        "currency": "CNY",
    },
    "closing": {
        "currency": "CNY",
        "nav": "88000000.00",
        "nav_on": "2025-12-31",
        "closing_on": "2026-06-30",
        "headline": "0.8250",
        "flows": [
            {"on": "2026-03-15", "called": "5000000.00"},
            {"on": "2026-04-20", "distributed": "3200000.00", "recallable": "1000000.00"},
        ],
        "unfunded": "30000000.00",
    },
}


def example_of(calculator: str) -> dict[str, Any]:
    """The worked example of a calculator."""
    return EXAMPLES[calculator]
