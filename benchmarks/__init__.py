"""Side-by-side measurements, each with its peer, goals as ratios inside one interleaved run."""
