-- See sent_columns for the parameters: a run is made.
-- writes
INSERT INTO github_workflow_runs (:sent_columns)
VALUES (:sent_values)
RETURNING id
