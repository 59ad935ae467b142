"""One thin module a screen: parse, call services, render."""
