-- $1 milliseconds for each statement of the transaction.
-- reads
SELECT set_config('statement_timeout', $1::text, true)
