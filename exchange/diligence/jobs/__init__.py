"""What workers do for diligence, in reaction to events. Each job may run twice or late."""
