"""Charts of a valuation as SVG text, each with the same figures as a table: values in, text out, nothing else."""
