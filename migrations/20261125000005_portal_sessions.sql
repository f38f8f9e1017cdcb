-- What the SaaS's own back end signs in to /v1 with, and the sessions that it opens for people.

-- A service token belongs to no customer: it is the SaaS itself. Only the SHA-256 of its 256 random bits is stored. The
-- application verifies tokens and notes their use; only the role that owns the tables (`foyer token`) makes and revokes
-- them, so that nobody who gets into the portal can mint one or bring one back. Rows are never deleted: the table is the
-- record of which tokens there were.
CREATE TABLE service_tokens (
    service_token_id text PRIMARY KEY CHECK (service_token_id ~ '^svc-[0-9a-f]{12}$'),
    name text NOT NULL CHECK (char_length(name) BETWEEN 1 AND 80),
    prefix text NOT NULL CHECK (char_length(prefix) = 8),             -- the first characters of its random part, to recognise it by
    token_hash bytea NOT NULL CHECK (octet_length(token_hash) = 32),
    scopes text[] NOT NULL CHECK (cardinality(scopes) >= 1),          -- the words of TokenScope
    created_at timestamptz NOT NULL,
    expires_at timestamptz,                                           -- null: until it is revoked
    last_used_at timestamptz,                                         -- to the minute
    revoked_at timestamptz                                            -- final; also ends the sessions that it opened
);
CREATE UNIQUE INDEX service_tokens_token_hash_key ON service_tokens (token_hash);
GRANT SELECT, UPDATE (last_used_at) ON service_tokens TO foyer_app;

-- A session that the SaaS asked for: a one-time code that a browser swaps for a cookie. The row stays after the swap and
-- says what the session may do.
CREATE TABLE portal_sessions (
    portal_session_id uuid PRIMARY KEY,
    customer_id uuid NOT NULL REFERENCES customers,
    service_token_id text NOT NULL REFERENCES service_tokens,
    opened_by text NOT NULL,                                          -- the token's name at that time, also the name of a guest
    user_id uuid REFERENCES users,                                    -- null: a guest, who is no person of the customer
    scopes text[] NOT NULL CHECK (cardinality(scopes) >= 1),          -- the words of Scope
    return_url text CHECK (char_length(return_url) <= 2000),          -- in the SaaS, where the person goes back to
    flow text CHECK (flow IN ('update_billing_email', 'download_invoice', 'create_key', 'upgrade_plan')), -- null: the whole portal
    code_hash bytea NOT NULL CHECK (octet_length(code_hash) = 32),
    created_at timestamptz NOT NULL,
    code_expires_at timestamptz NOT NULL,
    used_at timestamptz                                               -- when the code was swapped
);
CREATE UNIQUE INDEX portal_sessions_code_hash_key ON portal_sessions (code_hash);
CREATE INDEX portal_sessions_customer_created ON portal_sessions (customer_id, created_at DESC);
CREATE INDEX portal_sessions_service_token_id ON portal_sessions (service_token_id);
CREATE INDEX portal_sessions_user_id ON portal_sessions (user_id);
CREATE INDEX portal_sessions_created ON portal_sessions (created_at);
CALL protect_tenant_table('portal_sessions');
-- The worker clears old rows of every customer away.
CREATE POLICY worker_clears ON portal_sessions TO foyer_app USING (current_scope() = 'worker') WITH CHECK (current_scope() = 'worker');

-- A session is a person's own sign-in, or was opened by the SaaS: then perhaps for a guest.
ALTER TABLE sessions
    ALTER COLUMN user_id DROP NOT NULL,
    ADD COLUMN portal_session_id uuid REFERENCES portal_sessions,     -- null: the person signed in
    ADD CONSTRAINT sessions_belong_to_somebody CHECK (user_id IS NOT NULL OR portal_session_id IS NOT NULL);
CREATE INDEX sessions_portal_session_id ON sessions (portal_session_id);

-- As before, and now also for sessions that the SaaS opened: these stay at their customer, carry no staff rights, end
-- when their service token is revoked, and come with the scopes that limit them.
DROP FUNCTION open_session(bytea, timestamptz, boolean);
CREATE FUNCTION open_session(token bytea, at timestamptz, fall_back boolean) RETURNS TABLE (
    session_id uuid, user_id uuid, user_name text, user_email text, is_staff boolean,
    authenticated_at timestamptz, last_seen_at timestamptz,
    customer_id uuid, customer_name text, plan text, role text, fell_back boolean, customers jsonb,
    scopes text[], return_url text, flow text
) LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
#variable_conflict use_column
DECLARE opened record; -- not "found": that would hide FOUND
BEGIN
    SELECT s.session_id, s.user_id, COALESCE(u.name, p.opened_by) AS user_name, COALESCE(u.email, '') AS user_email,
           COALESCE(u.is_staff, false) AND p.portal_session_id IS NULL AS is_staff, s.authenticated_at,
           s.last_seen_at, here.customer_id, here.name AS customer_name, here.plan, here.role,
           here.customer_id IS DISTINCT FROM COALESCE(p.customer_id, s.active_customer_id) AS fell_back,
           (SELECT COALESCE(jsonb_agg(jsonb_build_object('id', c2.customer_id, 'name', c2.name, 'role', m2.role) ORDER BY c2.name), '[]')
              FROM memberships m2 JOIN customers c2 ON c2.customer_id = m2.customer_id
             WHERE m2.user_id = s.user_id AND c2.status <> 'closed' AND p.portal_session_id IS NULL) AS customers,
           p.scopes, p.return_url, p.flow
      INTO opened
      FROM sessions s
      LEFT JOIN users u ON u.user_id = s.user_id
      LEFT JOIN portal_sessions p ON p.portal_session_id = s.portal_session_id
      LEFT JOIN service_tokens t ON t.service_token_id = p.service_token_id
      LEFT JOIN LATERAL (
          (SELECT m.customer_id, m.role, c.name, c.plan
             FROM memberships m
             JOIN customers c ON c.customer_id = m.customer_id
            WHERE m.user_id = s.user_id
              AND c.status <> 'closed'
              AND (m.customer_id = COALESCE(p.customer_id, s.active_customer_id) OR (fall_back AND p.portal_session_id IS NULL))
            ORDER BY (m.customer_id = s.active_customer_id) DESC NULLS LAST, m.last_active_at DESC NULLS LAST, m.customer_id
            LIMIT 1)
          UNION ALL
          SELECT c.customer_id, NULL, c.name, c.plan
            FROM customers c
           WHERE s.user_id IS NULL
             AND c.customer_id = p.customer_id
             AND c.status <> 'closed'
      ) here ON true
     WHERE s.token_hash = token
       AND s.expires_at > at
       AND s.last_seen_at + make_interval(secs => s.idle_seconds) > at
       AND t.revoked_at IS NULL;
    IF NOT FOUND THEN
        RETURN;
    END IF;
    PERFORM set_config('app.customer_id', COALESCE(opened.customer_id::text, ''), true);
    RETURN QUERY SELECT opened.session_id, opened.user_id, opened.user_name, opened.user_email, opened.is_staff,
        opened.authenticated_at, opened.last_seen_at,
        opened.customer_id, opened.customer_name, opened.plan, opened.role, opened.fell_back, opened.customers,
        opened.scopes, opened.return_url, opened.flow;
END $$;
REVOKE ALL ON FUNCTION open_session(bytea, timestamptz, boolean) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION open_session(bytea, timestamptz, boolean) TO foyer_app;

-- Whether a code can still be swapped; looking does not use it up. Security definer, here and below: the code is the
-- authority, and no customer is known before it has been read.
CREATE FUNCTION portal_session_is_open(code bytea, at timestamptz) RETURNS boolean
    LANGUAGE sql SECURITY DEFINER STABLE SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT EXISTS (
        SELECT 1
          FROM portal_sessions p
          JOIN service_tokens t ON t.service_token_id = p.service_token_id
          JOIN customers c ON c.customer_id = p.customer_id
         WHERE p.code_hash = code AND p.used_at IS NULL AND p.code_expires_at > at
           AND t.revoked_at IS NULL AND c.status <> 'closed'
           AND (p.user_id IS NULL OR EXISTS (
               SELECT 1 FROM memberships m WHERE m.customer_id = p.customer_id AND m.user_id = p.user_id
           ))
    )
$$;
REVOKE ALL ON FUNCTION portal_session_is_open(bytea, timestamptz) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION portal_session_is_open(bytea, timestamptz) TO foyer_app;

-- Uses a code up and makes its customer the current one for the rest of the transaction. Of several at once exactly one
-- gets the row: the others wait for its lock and then find the code used.
CREATE FUNCTION open_portal_session(code bytea, at timestamptz) RETURNS TABLE (
    portal_session_id uuid, customer_id uuid, user_id uuid, name text, scopes text[], flow text
) LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
#variable_conflict use_column
DECLARE opened record;
BEGIN
    IF NOT portal_session_is_open(code, at) THEN
        RETURN;
    END IF;
    UPDATE portal_sessions SET used_at = at
     WHERE code_hash = code AND used_at IS NULL
    RETURNING portal_session_id, customer_id, user_id, opened_by, scopes, flow INTO opened;
    IF NOT FOUND THEN
        RETURN;
    END IF;
    PERFORM set_config('app.customer_id', opened.customer_id::text, true);
    RETURN QUERY SELECT opened.portal_session_id, opened.customer_id, opened.user_id,
        COALESCE((SELECT u.name FROM users u WHERE u.user_id = opened.user_id), opened.opened_by), opened.scopes, opened.flow;
END $$;
REVOKE ALL ON FUNCTION open_portal_session(bytea, timestamptz) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION open_portal_session(bytea, timestamptz) TO foyer_app;

-- Where the person of a session goes back to, also when that session has ended: whoever holds its token was there.
CREATE FUNCTION return_url_of(token bytea) RETURNS text
    LANGUAGE sql SECURITY DEFINER STABLE SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT p.return_url
      FROM sessions s JOIN portal_sessions p ON p.portal_session_id = s.portal_session_id
     WHERE s.token_hash = token
$$;
REVOKE ALL ON FUNCTION return_url_of(bytea) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION return_url_of(bytea) TO foyer_app;
