-- The platform: roles of the database, who the current customer is, people, customers and their trail.
--
-- Two roles: the migrator owns every table; the application (`foyer_app`) owns nothing, cannot bypass row-level
-- security and sees one customer at a time. Row-level security is forced, so the owner needs a policy of its own.

-- The customer that the running transaction works for; null outside of one.
CREATE FUNCTION current_customer() RETURNS uuid
    LANGUAGE sql STABLE PARALLEL SAFE
    AS $$ SELECT NULLIF(current_setting('app.customer_id', true), '')::uuid $$;

-- 'staff' while a staff member works across customers, 'worker' in background work, otherwise ''.
CREATE FUNCTION current_scope() RETURNS text
    LANGUAGE sql STABLE PARALLEL SAFE
    AS $$ SELECT COALESCE(current_setting('app.scope', true), '') $$;

-- Puts a table with a customer_id behind the wall between customers.
CREATE PROCEDURE protect_tenant_table(target regclass) LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', target);
    EXECUTE format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', target);
    EXECUTE format('CREATE POLICY owner_sees_all ON %s TO %I USING (true) WITH CHECK (true)', target, current_user);
    EXECUTE format('CREATE POLICY own_customer ON %s TO foyer_app USING (customer_id = current_customer()) WITH CHECK (customer_id = current_customer())', target);
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %s TO foyer_app', target);
END $$;

GRANT USAGE ON SCHEMA public TO foyer_app;

-- A customer of the SaaS: the tenant.
CREATE TABLE customers (
    customer_id uuid PRIMARY KEY,
    name text NOT NULL CHECK (char_length(name) BETWEEN 1 AND 120),
    email text NOT NULL CHECK (char_length(email) <= 254),            -- contact address
    billing_email text CHECK (char_length(billing_email) <= 254),     -- where invoices go; null: to the contact address
    plan text NOT NULL DEFAULT 'free' CHECK (plan IN ('free', 'pro', 'enterprise')),
    status text NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'past_due', 'closed')),
    legal_name text NOT NULL DEFAULT '',                              -- as printed on invoices; empty: the name
    address_line text NOT NULL DEFAULT '',
    postal_code text NOT NULL DEFAULT '',
    city text NOT NULL DEFAULT '',
    country char(2) NOT NULL DEFAULT 'US',                            -- ISO 3166-1 alpha-2
    tax_id text NOT NULL DEFAULT '',                                  -- VAT number as printed
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL
);
CALL protect_tenant_table('customers');
CREATE POLICY staff_reads ON customers FOR SELECT TO foyer_app USING (current_scope() = 'staff');

-- A person; may belong to several customers. Not a tenant table: the e-mail address is the identity.
CREATE TABLE users (
    user_id uuid PRIMARY KEY,
    email text NOT NULL CHECK (email = lower(email) AND char_length(email) <= 254),
    name text NOT NULL CHECK (char_length(name) BETWEEN 1 AND 120),
    password_hash text,                                               -- PHC string (argon2id); null: cannot sign in by password
    is_staff boolean NOT NULL DEFAULT false,                          -- works for the SaaS itself
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL
);
CREATE UNIQUE INDEX users_email_key ON users (email);
GRANT SELECT, INSERT, UPDATE ON users TO foyer_app;

-- Who belongs to which customer, as what.
CREATE TABLE memberships (
    customer_id uuid NOT NULL REFERENCES customers,
    user_id uuid NOT NULL REFERENCES users,
    role text NOT NULL CHECK (role IN ('owner', 'admin', 'billing', 'developer', 'member')),
    last_active_at timestamptz,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (customer_id, user_id)
);
CREATE INDEX memberships_user_id ON memberships (user_id);
CREATE INDEX memberships_customer_last_active ON memberships (customer_id, last_active_at DESC NULLS LAST, user_id);
CALL protect_tenant_table('memberships');

-- A signed-in browser. Only the SHA-256 of its 256-bit token is stored.
CREATE TABLE sessions (
    session_id uuid PRIMARY KEY,
    token_hash bytea NOT NULL CHECK (octet_length(token_hash) = 32),
    user_id uuid NOT NULL REFERENCES users,
    active_customer_id uuid REFERENCES customers,                     -- the customer chosen in the switcher
    user_agent text NOT NULL DEFAULT '',
    ip text NOT NULL DEFAULT '',
    created_at timestamptz NOT NULL,
    last_seen_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL                                   -- absolute end
);
CREATE UNIQUE INDEX sessions_token_hash_key ON sessions (token_hash);
CREATE INDEX sessions_user_id ON sessions (user_id);
CREATE INDEX sessions_active_customer_id ON sessions (active_customer_id);
CREATE INDEX sessions_expires_at ON sessions (expires_at);
GRANT SELECT, INSERT, UPDATE, DELETE ON sessions TO foyer_app;

-- A request to choose a new password; the link in the mail holds the token, only its SHA-256 is stored.
CREATE TABLE password_resets (
    token_hash bytea PRIMARY KEY CHECK (octet_length(token_hash) = 32),
    user_id uuid NOT NULL REFERENCES users,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    used_at timestamptz
);
CREATE INDEX password_resets_user_id ON password_resets (user_id);
GRANT SELECT, INSERT, UPDATE, DELETE ON password_resets TO foyer_app;

-- Who did what: written in the transaction of the change, never changed afterwards.
CREATE TABLE audit_events (
    audit_event_id uuid PRIMARY KEY,
    sequence bigint GENERATED ALWAYS AS IDENTITY,                     -- the order of writing, where times are equal
    customer_id uuid NOT NULL REFERENCES customers,
    actor_kind text NOT NULL CHECK (actor_kind IN ('person', 'staff', 'system')),
    actor_user_id uuid REFERENCES users,
    actor_name text NOT NULL,
    kind text NOT NULL,                                               -- 'key.created', 'member.removed', …
    subject text NOT NULL,                                            -- what it was done to, in words
    details jsonb NOT NULL DEFAULT '{}',                              -- before and after; never a secret
    ip text NOT NULL DEFAULT '',
    session_id uuid,
    created_at timestamptz NOT NULL
);
CREATE INDEX audit_events_customer_created ON audit_events (customer_id, created_at DESC, sequence DESC);
CREATE INDEX audit_events_actor_user_id ON audit_events (actor_user_id);
CALL protect_tenant_table('audit_events');
REVOKE UPDATE, DELETE ON audit_events FROM foyer_app;

-- Notifications to be sent: written in the transaction of the change, pushed to the queue and sent afterwards.
CREATE TABLE outbox (
    outbox_id uuid PRIMARY KEY,
    customer_id uuid REFERENCES customers,                            -- null: concerns a person, not a customer
    kind text NOT NULL,                                               -- 'team_invite', 'ticket_reply', …
    payload jsonb NOT NULL,                                           -- the queue entry
    created_at timestamptz NOT NULL,
    next_attempt_at timestamptz NOT NULL,
    attempts integer NOT NULL DEFAULT 0,
    queued_at timestamptz,                                            -- pushed to notification:queue
    sent_at timestamptz,                                              -- done
    failed_at timestamptz,                                            -- given up
    last_error text NOT NULL DEFAULT ''
);
CREATE INDEX outbox_customer_id ON outbox (customer_id);
CREATE INDEX outbox_due ON outbox (next_attempt_at) WHERE sent_at IS NULL AND failed_at IS NULL;
ALTER TABLE outbox ENABLE ROW LEVEL SECURITY;
ALTER TABLE outbox FORCE ROW LEVEL SECURITY;
DO $$ BEGIN EXECUTE format('CREATE POLICY owner_sees_all ON outbox TO %I USING (true) WITH CHECK (true)', current_user); END $$;
CREATE POLICY own_customer ON outbox FOR INSERT TO foyer_app WITH CHECK (customer_id IS NULL OR customer_id = current_customer() OR current_scope() = 'staff');
CREATE POLICY worker ON outbox TO foyer_app USING (current_scope() = 'worker') WITH CHECK (current_scope() = 'worker');
GRANT SELECT, INSERT, UPDATE, DELETE ON outbox TO foyer_app;

-- Mails kept by the development inbox, shown at /dev/mail. Empty in real use.
CREATE TABLE development_mails (
    mail_id uuid PRIMARY KEY,
    recipient text NOT NULL,
    subject text NOT NULL,
    text_body text NOT NULL,
    html_body text NOT NULL,
    created_at timestamptz NOT NULL
);
CREATE INDEX development_mails_created ON development_mails (created_at DESC);
GRANT SELECT, INSERT, DELETE ON development_mails TO foyer_app;

-- Finds the session behind a token and, if the person still belongs to its customer, makes that customer the
-- current one for the rest of the transaction. One call answers who, where, as what, and where else.
-- With fall_back, somebody who was removed from the chosen customer goes on in another of theirs: for reading only, so
-- that a form of the one is never applied to the other.
-- Security definer: it reads memberships of all the person's customers, which the application role cannot.
CREATE FUNCTION open_session(token bytea, at timestamptz, fall_back boolean) RETURNS TABLE (
    session_id uuid, user_id uuid, user_name text, user_email text, is_staff boolean,
    session_created_at timestamptz, last_seen_at timestamptz, expires_at timestamptz,
    customer_id uuid, customer_name text, plan text, role text, fell_back boolean, customers jsonb
) LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
#variable_conflict use_column
DECLARE opened record; -- not "found": that would hide FOUND
BEGIN
    SELECT s.session_id, s.user_id, u.name AS user_name, u.email AS user_email, u.is_staff, s.created_at,
           s.last_seen_at, s.expires_at, here.customer_id, here.name AS customer_name, here.plan, here.role,
           here.customer_id IS DISTINCT FROM s.active_customer_id AS fell_back,
           (SELECT COALESCE(jsonb_agg(jsonb_build_object('id', c2.customer_id, 'name', c2.name, 'role', m2.role) ORDER BY c2.name), '[]')
              FROM memberships m2 JOIN customers c2 ON c2.customer_id = m2.customer_id
             WHERE m2.user_id = s.user_id AND c2.status <> 'closed') AS customers
      INTO opened
      FROM sessions s
      JOIN users u ON u.user_id = s.user_id
      LEFT JOIN LATERAL (
          SELECT m.customer_id, m.role, c.name, c.plan
            FROM memberships m
            JOIN customers c ON c.customer_id = m.customer_id
           WHERE m.user_id = s.user_id
             AND c.status <> 'closed'
             AND (m.customer_id = s.active_customer_id OR fall_back)
           ORDER BY (m.customer_id = s.active_customer_id) DESC NULLS LAST, m.last_active_at DESC NULLS LAST, m.customer_id
           LIMIT 1
      ) here ON true
     WHERE s.token_hash = token AND s.expires_at > at;
    IF NOT FOUND THEN
        RETURN;
    END IF;
    PERFORM set_config('app.customer_id', COALESCE(opened.customer_id::text, ''), true);
    RETURN QUERY SELECT opened.session_id, opened.user_id, opened.user_name, opened.user_email, opened.is_staff,
        opened.created_at, opened.last_seen_at, opened.expires_at,
        opened.customer_id, opened.customer_name, opened.plan, opened.role, opened.fell_back, opened.customers;
END $$;
REVOKE ALL ON FUNCTION open_session(bytea, timestamptz, boolean) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION open_session(bytea, timestamptz, boolean) TO foyer_app;

-- The customers of a person, for sign-in, before any of them is current. Last used first.
CREATE FUNCTION customers_of(person uuid) RETURNS TABLE (customer_id uuid, role text)
    LANGUAGE sql SECURITY DEFINER STABLE SET search_path = public AS $$
    SELECT m.customer_id, m.role
      FROM memberships m JOIN customers c ON c.customer_id = m.customer_id
     WHERE m.user_id = person AND c.status <> 'closed'
     ORDER BY m.last_active_at DESC NULLS LAST, c.name
$$;
REVOKE ALL ON FUNCTION customers_of(uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION customers_of(uuid) TO foyer_app;
