"""What a fund share is worth: opinions computed from facts that managers report, never a number without its range.

Words: a *model* gives an *opinion* (low, point, high, or why it cannot say); a *panel* is all opinions on one fund
on one day; a *valuation* is a panel kept with the very inputs it was made from; a *scenario* is somebody's own
assumptions, private to them; an *appraisal* is an independent report, which speaks as a model of its own. A NAV that
a manager stated is a fact of `exchange.funds` and is never overwritten here.

Folders of pure models, vectorised over funds or scenarios (first axis): `nav`, `performance`, `projection`, `pricing`,
`discount`; `panel` brings them together; `backtest` holds them to real sales; `pictures` draws them.
Events: valuation.requested, valuation.computed, valuation.scenario_recorded, valuation.weighted, appraisal.recorded,
appraisal.filed, valuation_parameters.changed, revaluation.requested, revaluation.chunk_requested,
revaluation.computed.
"""
