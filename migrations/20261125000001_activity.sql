-- Activity: the trail as a chain of hashes for each customer, so that a change behind the portal's back shows.
-- docs/audit.md describes the encoding; src/server/audit/chain.rs computes it a second time, for `foyer audit verify`.

ALTER TABLE audit_events DROP CONSTRAINT audit_events_actor_kind_check;
ALTER TABLE audit_events ADD CONSTRAINT audit_events_actor_kind_check CHECK (actor_kind IN ('person', 'key', 'staff', 'system'));

-- Where each customer's chain ends. The application reads it and never writes it: only the trigger below moves it.
CREATE TABLE audit_heads (
    customer_id uuid PRIMARY KEY REFERENCES customers,
    chain_number bigint NOT NULL CHECK (chain_number >= 0),           -- of the last row; 0: none yet
    hash bytea NOT NULL CHECK (octet_length(hash) = 32)               -- of the last row; zeros: none yet
);
CALL protect_tenant_table('audit_heads');
REVOKE INSERT, UPDATE, DELETE ON audit_heads FROM foyer_app;

ALTER TABLE audit_events
    ADD chain_version smallint,                                       -- which encoding was hashed
    ADD chain_number bigint,                                          -- 1, 2, 3 … for each customer, without gaps
    ADD previous_hash bytea CHECK (octet_length(previous_hash) = 32), -- of the row before; zeros: the first
    ADD hash bytea CHECK (octet_length(hash) = 32),                   -- SHA-256 of all columns but this, the version and the area
    -- The kind up to its dot. A column and not an index on the expression: row-level security keeps such an index from
    -- being used, because the function in it could tell what it sees.
    ADD area text GENERATED ALWAYS AS (split_part(kind, '.', 1)) STORED;

-- One field of the encoding: its length in bytes as a big-endian 32-bit number, then its bytes; null has length -1.
CREATE FUNCTION audit_field(value bytea) RETURNS bytea
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$ SELECT CASE WHEN value IS NULL THEN int4send(-1) ELSE int4send(octet_length(value)) || value END $$;

CREATE FUNCTION audit_field(value text) RETURNS bytea
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$ SELECT audit_field(convert_to(value, 'UTF8')) $$;

-- JSON in one spelling: no white space, the names of an object in the order of their bytes.
CREATE FUNCTION canonical_json(value jsonb) RETURNS text
    LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
BEGIN
    RETURN CASE jsonb_typeof(value)
        WHEN 'object' THEN '{' || COALESCE((SELECT string_agg(to_json(member.key)::text || ':' || canonical_json(member.value), ',' ORDER BY member.key COLLATE "C")
                                              FROM jsonb_each(value) AS member), '') || '}'
        WHEN 'array' THEN '[' || COALESCE((SELECT string_agg(canonical_json(element.value), ',' ORDER BY element.ordinality)
                                             FROM jsonb_array_elements(value) WITH ORDINALITY AS element), '') || ']'
        ELSE value::text
    END;
END $$;

-- The hash of a row, version 1 of the encoding.
CREATE FUNCTION audit_event_hash(event audit_events) RETURNS bytea
    LANGUAGE sql STABLE AS $$
    SELECT sha256(
        audit_field('foyer-audit-1')
        || audit_field(uuid_send(event.customer_id))
        || audit_field(int8send(event.chain_number))
        || audit_field(event.previous_hash)
        || audit_field(uuid_send(event.audit_event_id))
        || audit_field(int8send((extract(epoch FROM event.created_at) * 1000000)::bigint))
        || audit_field(event.actor_kind)
        || audit_field(uuid_send(event.actor_user_id))
        || audit_field(event.actor_name)
        || audit_field(event.kind)
        || audit_field(event.subject)
        || audit_field(canonical_json(event.details))
        || audit_field(event.ip)
        || audit_field(uuid_send(event.session_id))
    )
$$;

-- Rows of earlier releases are chained as they are found today, in the order in which they were written. The chain says
-- nothing about what may have happened to them before.
DO $$
DECLARE
    event audit_events;
    last audit_heads;
BEGIN
    FOR event IN SELECT * FROM audit_events ORDER BY customer_id, sequence LOOP
        IF last.customer_id IS DISTINCT FROM event.customer_id THEN
            last := ROW(event.customer_id, 0, decode(repeat('00', 32), 'hex'));
        END IF;
        event.chain_version := 1;
        event.chain_number := last.chain_number + 1;
        event.previous_hash := last.hash;
        event.hash := audit_event_hash(event);
        UPDATE audit_events
           SET chain_version = event.chain_version, chain_number = event.chain_number,
               previous_hash = event.previous_hash, hash = event.hash
         WHERE audit_event_id = event.audit_event_id;
        last := ROW(event.customer_id, event.chain_number, event.hash);
    END LOOP;
    INSERT INTO audit_heads
    SELECT DISTINCT ON (customer_id) customer_id, chain_number, hash FROM audit_events ORDER BY customer_id, chain_number DESC;
END $$;

ALTER TABLE audit_events
    ALTER chain_version SET NOT NULL,
    ALTER chain_number SET NOT NULL,
    ALTER previous_hash SET NOT NULL,
    ALTER hash SET NOT NULL,
    DROP sequence;                                                    -- the chain number takes its place; drops its index too

CREATE UNIQUE INDEX audit_events_chain_key ON audit_events (customer_id, chain_number);
CREATE INDEX audit_events_customer_created ON audit_events (customer_id, created_at DESC, chain_number DESC);
CREATE INDEX audit_events_customer_actor ON audit_events (customer_id, actor_user_id, created_at DESC, chain_number DESC);
CREATE INDEX audit_events_customer_area ON audit_events (customer_id, area, created_at DESC, chain_number DESC);

-- Links a new row to the last one and moves the head. Runs as the owner, so the application can neither choose a number
-- or a hash nor move a head in any other way than by adding a row; other changes of the customer wait for the head until
-- this transaction ends, which is why the row is the last thing that a transaction writes. pg_temp stands last in the search
-- path, so that no temporary table of the caller's is taken for one of these.
CREATE FUNCTION chain_audit_event() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE head audit_heads;
BEGIN
    -- The foreign keys are checked after this function, with these locks. Whoever holds one of the rows exclusively will
    -- want the head next: so first the rows, then the head, or the two would wait for each other.
    PERFORM 1 FROM customers WHERE customer_id = NEW.customer_id FOR KEY SHARE;
    PERFORM 1 FROM users WHERE user_id = NEW.actor_user_id FOR KEY SHARE;
    SELECT * INTO head FROM audit_heads WHERE customer_id = NEW.customer_id FOR UPDATE;
    IF NOT FOUND THEN
        INSERT INTO audit_heads VALUES (NEW.customer_id, 0, decode(repeat('00', 32), 'hex')) ON CONFLICT DO NOTHING;
        SELECT * INTO STRICT head FROM audit_heads WHERE customer_id = NEW.customer_id FOR UPDATE;
    END IF;
    NEW.chain_version := 1;
    NEW.chain_number := head.chain_number + 1;
    NEW.previous_hash := head.hash;
    NEW.hash := audit_event_hash(NEW);
    UPDATE audit_heads SET chain_number = NEW.chain_number, hash = NEW.hash WHERE customer_id = NEW.customer_id;
    RETURN NEW;
END $$;
REVOKE ALL ON FUNCTION chain_audit_event() FROM PUBLIC;
CREATE TRIGGER chain BEFORE INSERT ON audit_events FOR EACH ROW EXECUTE FUNCTION chain_audit_event();
