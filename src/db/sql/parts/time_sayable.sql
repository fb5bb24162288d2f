-- Is a metric row's instant one that RFC 3339 can say?
"timestamp" >= '0001-01-01 00:00:00+00' AND "timestamp" < '10000-01-01 00:00:00+00'
