-- Is workload w a runner of config c that has come to its end?
w.kind = 'EphemeralRunner' AND w.namespace = c.runner_set_namespace AND w.uid <> ''
AND w.end_at IS NOT NULL
AND (w.labels ->> 'actions.github.com/scale-set-name' = c.runner_set_name
     OR w.parent_uid = c.runner_set_uid)
