-- The task is told. Somebody may have cancelled it meanwhile: what was made is counted all the same.
UPDATE wfm_backfill_tasks b
   SET status = CASE WHEN b.status = 'cancelled' THEN b.status
                     WHEN k.more THEN 'in_progress' ELSE 'completed' END,
       total = CASE WHEN k.dry OR k.more AND k.first THEN k.total
                    WHEN k.more THEN greatest(b.total, b.processed + k.processed + b.failed + k.failed)
                    ELSE b.processed + k.processed + b.failed + k.failed END,
       processed = b.processed + k.processed, failed = b.failed + k.failed,
       error_message = CASE WHEN k.failed > 0 AND b.error_message IS NULL THEN
            'some runners are annotated with an id that is no number or a text of more than 255'
            || ' characters: they get no run' ELSE b.error_message END,
       place_end_at = coalesce(k.end_at, b.place_end_at), place_uid = coalesce(k.uid, b.place_uid),
       started_at = coalesce(b.started_at, now()),
       completed_at = CASE WHEN b.status = 'cancelled' OR NOT k.more
            THEN coalesce(b.completed_at, clock_timestamp()) END
  FROM k
 WHERE b.id IN (SELECT id FROM t)
RETURNING b.status, b.total, b.failed, k.made
