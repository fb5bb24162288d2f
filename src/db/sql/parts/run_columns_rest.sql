-- A run's columns behind its error message; see newer_run.sql.
r.retry_count, r.created_at, r.updated_at, more.set_id, more.set_name, more.set_namespace,
more.status, more.conclusion, more.collection, more.job, more.step, more.progress,
more.synced_at
