"""The valuation note: a panel put into words and figures, ready to be set; checklist item X01."""
