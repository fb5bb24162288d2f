-- A run's columns behind its error message.
r.retry_count, r.created_at, r.updated_at
