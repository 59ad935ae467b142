"""All models about one fund on one day: facts and assumptions in, opinions out."""
