"""Request and response models of matching."""
