-- $1 milliseconds for each statement of the transaction. What it looks for it finds by an index: where a few
-- runs have most of the rows, the planner would read them all to find those of one run that has few.
-- reads
SELECT set_config('statement_timeout', $1::text, true),
       set_config('enable_seqscan', 'off', true)
