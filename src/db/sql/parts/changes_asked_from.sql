FROM asked a
LEFT JOIN LATERAL (
    SELECT id, dimension_fields, metric_fields
      FROM github_workflow_metric_schemas
     WHERE config_id = a.id AND is_active ORDER BY version DESC LIMIT 1) s ON true
