-- Before a statement that may wait for a lock while it holds others: who then waits for it in turn
-- must not be the one that PostgreSQL finds in a deadlock, which it looks for after
-- deadlock_timeout.
set_config('lock_timeout', greatest(1, least(200,
    extract(epoch FROM current_setting('deadlock_timeout')::interval) * 300)::int)::text, true)
