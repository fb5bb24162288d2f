-- 005_deleted.sql - which configs were deleted through the API. May be left out.
--
-- A config goes with its schemas and runs in one transaction, and with it everything is out of
-- sight. Its metric rows, which may be millions, are deleted some at a time afterwards, by the
-- module's maintenance, which finds here what is left to do. A row stays for a day after that: a
-- collector that did not know of the deletion may write for a while.
-- Without this table the metric rows are deleted in the same statement as their config.

SET client_min_messages = warning; -- no "already exists, skipping"

CREATE TABLE IF NOT EXISTS wfm_deleted_configs (
    config_id BIGINT PRIMARY KEY,
    deleted_at TIMESTAMPTZ NOT NULL DEFAULT now()
);

RESET client_min_messages;
