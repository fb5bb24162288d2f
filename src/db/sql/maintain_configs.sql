-- $1 config: those after it whose summaries lack changes.
-- reads
SELECT DISTINCT config_id
  FROM wfm_marks
 WHERE "of" = 'm' AND config_id > $1::bigint
 ORDER BY 1
