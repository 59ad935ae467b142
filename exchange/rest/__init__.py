"""What every route shares: problems, strict JSON, idempotency, paging, streams, texts in both languages."""
