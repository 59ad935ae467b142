"""Routes of diligence, one concern a file."""
