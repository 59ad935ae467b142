"""NAVs brought to the valuation day, from the plainest to the most assuming, all vectorised over funds (first axis).

`roll_forward` adds flows, growth, fees and carry to a reported NAV (`waterfall` splits a hypothetical liquidation);
`look_through` adds up holdings valued by one of the seven `project_methods`; `index_beta` moves NAV and flows with an
index; `nowcast` (on a `nowcast_grid`, with parameters of `nowcast_fit`, over the batched filter of `kalman`)
estimates the present log NAV with a band; the fit is a `likelihood_search` on the `report_likelihood`; `desmooth`
undoes the smoothing of reported returns. `checks` holds the array types, limits and statuses they share. Days are
integers counting days (`date.toordinal()`), money is in minor units of the fund's one currency as float, rates are
decimals a year, a year is 365 days.
"""
