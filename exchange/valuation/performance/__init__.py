"""How a fund has done: internal rates of return, multiples of money, and comparisons with a public index.

Everything is vectorised: the first axis counts series (funds, scenarios), the second the flows of a series; unused
places hold amount zero. Amounts are the investor's: a call is negative, a distribution positive; where calls and
distributions are separate arguments both are gross and positive. Times are year fractions, actual days / 365 fixed.
Rates are annual effective decimals (0.15 = 15 % a year). Beside every number stands a `valuation.status.Status`.

`flows` cleans series, `irr` gives rates (by `newton_blocks` where one root is enough, by `roots` where all are needed),
`multiples` TVPI and its parts, `index_levels` the level of an index on a date, `growth` flows beside an index, `pme`
and `modified_pme` the public market equivalents, `comparison` all of them for one fund and its dates.
"""
