-- What a schema says, in short: rows are made by it, and it may be changed without another id.
hashtextextended(concat_ws(' | ', fields, dimension_fields, metric_fields), 0)
