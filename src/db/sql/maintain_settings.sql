-- $1 milliseconds: before maintain, in its transaction.
-- reads
SELECT set_config('statement_timeout', $1::text, true)
