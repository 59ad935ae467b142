"""All SQL of custody."""
