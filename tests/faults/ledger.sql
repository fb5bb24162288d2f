-- ledger.sql - every change that is committed writes itself down (see ledger.h).
--
-- The API's role has no rights on the ledger: its triggers run with the owner's.
CREATE TABLE ledger (token text);

CREATE FUNCTION ledger_config() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
BEGIN
    INSERT INTO ledger VALUES (NEW.description);
    RETURN NULL;
END $$;

CREATE FUNCTION ledger_schema() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
BEGIN
    INSERT INTO ledger VALUES (NEW.name);
    RETURN NULL;
END $$;

CREATE TRIGGER ledger AFTER UPDATE OF description ON github_workflow_configs
    FOR EACH ROW EXECUTE FUNCTION ledger_config();
CREATE TRIGGER ledger AFTER INSERT ON github_workflow_metric_schemas
    FOR EACH ROW EXECUTE FUNCTION ledger_schema();
