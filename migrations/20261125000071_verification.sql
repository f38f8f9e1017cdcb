-- Verification of API keys: how a key is found before its customer is known, how every process hears of changes, and who may
-- record the use of keys.

-- What changed that a process may remember: the hashes of keys and service tokens, each with the transaction that changed it.
-- Written by triggers, so that no way of changing a key is forgotten: a page, a job, a deletion, somebody with psql. A process
-- asks again and again for what is new since the oldest transaction that was still running when it asked last
-- (pg_snapshot_xmin); so it misses nothing, whatever the clocks say and however long a transaction took to commit.
CREATE TABLE credential_changes (
    transaction_id bigint NOT NULL DEFAULT pg_current_xact_id()::text::bigint,
    credential_hash bytea NOT NULL CHECK (octet_length(credential_hash) = 32), -- SHA-256 of the whole key or token
    changed_at timestamptz NOT NULL DEFAULT clock_timestamp(),                 -- for clearing out
    PRIMARY KEY (transaction_id, credential_hash)
);
CREATE INDEX credential_changes_changed_at ON credential_changes (changed_at);
GRANT SELECT, DELETE ON credential_changes TO foyer_app;

-- Security definer, here and in the next two: whoever may change a key may not write this table by hand.
CREATE FUNCTION note_key_change() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    INSERT INTO credential_changes (credential_hash)
    VALUES (CASE TG_OP WHEN 'DELETE' THEN OLD.lookup_hash ELSE NEW.lookup_hash END)
    ON CONFLICT DO NOTHING;
    RETURN NULL;
END $$;
REVOKE ALL ON FUNCTION note_key_change() FROM PUBLIC;
-- Every column that decides whether a key is accepted; not its name, nor its last use.
CREATE TRIGGER note_change AFTER INSERT OR DELETE OR UPDATE OF
    customer_id, lookup_hash, status, environment, scopes, allowed_networks, calls_per_minute, disabled_at, expires_at, retires_at, revoked_at
    ON api_keys FOR EACH ROW EXECUTE FUNCTION note_key_change();

CREATE FUNCTION note_customer_change() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    INSERT INTO credential_changes (credential_hash)
    SELECT lookup_hash FROM api_keys WHERE customer_id = NEW.customer_id
    ON CONFLICT DO NOTHING;
    RETURN NULL;
END $$;
REVOKE ALL ON FUNCTION note_customer_change() FROM PUBLIC;
CREATE TRIGGER note_change AFTER UPDATE OF plan, status ON customers FOR EACH ROW
    WHEN (OLD.plan IS DISTINCT FROM NEW.plan OR OLD.status IS DISTINCT FROM NEW.status)
    EXECUTE FUNCTION note_customer_change();

CREATE FUNCTION note_token_change() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    INSERT INTO credential_changes (credential_hash)
    VALUES (CASE TG_OP WHEN 'DELETE' THEN OLD.token_hash ELSE NEW.token_hash END)
    ON CONFLICT DO NOTHING;
    RETURN NULL;
END $$;
REVOKE ALL ON FUNCTION note_token_change() FROM PUBLIC;
CREATE TRIGGER note_change AFTER INSERT OR DELETE OR UPDATE OF token_hash, scopes, expires_at, revoked_at
    ON service_tokens FOR EACH ROW EXECUTE FUNCTION note_token_change();

-- The keys behind hashes, whoever they belong to. Security definer: the key is the authority, and no customer is known before
-- it has been read.
CREATE FUNCTION find_keys(hashes bytea[]) RETURNS TABLE (
    lookup_hash bytea, key_id text, customer_id uuid, plan text, closed boolean, environment text, scopes text[],
    allowed_networks text[], calls_per_minute integer, disabled_at timestamptz, expires_at timestamptz, retires_at timestamptz,
    revoked_at timestamptz
) LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT k.lookup_hash, k.key_id, k.customer_id, c.plan, c.status = 'closed', k.environment, k.scopes, k.allowed_networks,
           k.calls_per_minute, k.disabled_at, k.expires_at, k.retires_at, k.revoked_at
      FROM api_keys k
      JOIN customers c ON c.customer_id = k.customer_id
     WHERE k.lookup_hash = ANY (hashes)
$$;
REVOKE ALL ON FUNCTION find_keys(bytea[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION find_keys(bytea[]) TO foyer_app;

-- Background work records the use of every customer's keys and clears old records away.
CREATE POLICY verification_records ON key_calls TO foyer_app
    USING (current_scope() = 'worker') WITH CHECK (current_scope() = 'worker');
CREATE POLICY verification_records ON api_keys FOR UPDATE TO foyer_app
    USING (current_scope() = 'worker') WITH CHECK (current_scope() = 'worker');
