-- See sent_columns.
$1::bigint, $2::bigint, $3::text, $4::text, $5::text, $6::text, $7::bigint,
$8::int, $9::bigint, coalesce($10::text, 'completed'), $11::text,
least(coalesce($12::timestamptz, now()), coalesce($13::timestamptz, now())),
coalesce($13::timestamptz, now()), coalesce($14::int, 0), coalesce($15::int, 0),
coalesce($15::int, 0), $16::text, 'manual', now(), clock_timestamp()
