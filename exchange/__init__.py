"""An exchange for private-equity fund shares: who gets a share, what it is worth, and who may buy it."""
