"""Commands of valuation: `value` asks a calculator, `revalue` values the whole market on the workers."""
