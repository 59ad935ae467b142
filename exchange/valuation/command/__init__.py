"""Commands of valuation: revalue the market, hold the models to real sales, calculate."""
