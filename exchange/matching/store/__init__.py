"""All SQL of the package."""
