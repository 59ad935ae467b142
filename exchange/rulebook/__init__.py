"""Market profiles: every number of the law or of a venue, with rule id, source and effective date; the calendars.

Words: profile, rule, breach, verdict, working day, trading day.
"""
