-- For the rest of the transaction.
-- reads
SELECT :lock_timeout
