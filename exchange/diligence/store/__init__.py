"""SQL of diligence, one concern a file."""
