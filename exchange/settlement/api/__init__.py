"""Routes of settlement."""
