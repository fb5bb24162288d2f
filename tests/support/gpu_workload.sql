-- gpu_workload.sql - what is read of Lens' table of workloads, as a Lens database has it.

CREATE TABLE gpu_workload (
    kind VARCHAR(255) NOT NULL,
    namespace VARCHAR(255) NOT NULL,
    name VARCHAR(255) NOT NULL,
    uid VARCHAR NOT NULL,
    parent_uid VARCHAR NOT NULL DEFAULT '',
    created_at TIMESTAMPTZ NOT NULL,
    end_at TIMESTAMPTZ,
    deleted_at TIMESTAMPTZ,
    labels JSONB NOT NULL DEFAULT '{}',
    annotations JSONB NOT NULL DEFAULT '{}'
);
CREATE UNIQUE INDEX gpu_workload_uid ON gpu_workload (uid);
