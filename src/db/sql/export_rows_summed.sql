-- $1 config: how many metric rows it has, from the summaries.
-- reads
WITH changed AS MATERIALIZED (SELECT day FROM wfm_unclean('m', $1::bigint))
SELECT :rows_summed
