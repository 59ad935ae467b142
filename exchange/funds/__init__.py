"""Facts managers report about their funds: terms, NAV statements, cash flows. A correction is a new version.

Words: fund, NAV statement, reference date, contribution, distribution, effect on unfunded,
schedule of investments.
Emits: fund.recorded, nav_statement.recorded, cash_flow.recorded, investment_schedule.recorded.
"""
