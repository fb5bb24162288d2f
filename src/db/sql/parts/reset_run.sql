-- A failed run as new: the collector skips a pending one whose retries are used up.
UPDATE github_workflow_runs
   SET status = 'pending', error_message = NULL, retry_count = 0, collection_started_at = NULL,
       collection_completed_at = NULL, updated_at = now()
