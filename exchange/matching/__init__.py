"""Who gets it: the order book, its priority policies, the engine that matches, and the proof of each match."""
