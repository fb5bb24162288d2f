-- Trust, runs: may there be more?
-- reads
SELECT wfm_maintain()
