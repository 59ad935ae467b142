"""What workers do for diligence, one concern a file. Each job may run twice or late."""
