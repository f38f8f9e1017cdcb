-- Sessions: how long they last without use, when their person last proved who they are, and codes by e-mail for a
-- sign-in without a password.

ALTER TABLE sessions
    ADD COLUMN idle_seconds integer NOT NULL DEFAULT 3600 CHECK (idle_seconds > 0), -- unused for so long, it ends
    ADD COLUMN authenticated_at timestamptz;                                        -- when the person last proved who they are
UPDATE sessions SET authenticated_at = created_at;
ALTER TABLE sessions
    ALTER COLUMN idle_seconds DROP DEFAULT,
    ALTER COLUMN authenticated_at SET NOT NULL;

-- As before, and a session that was not used for its time is no session; tells when the person last proved who they are.
DROP FUNCTION open_session(bytea, timestamptz, boolean);
CREATE FUNCTION open_session(token bytea, at timestamptz, fall_back boolean) RETURNS TABLE (
    session_id uuid, user_id uuid, user_name text, user_email text, is_staff boolean,
    authenticated_at timestamptz, last_seen_at timestamptz,
    customer_id uuid, customer_name text, plan text, role text, fell_back boolean, customers jsonb
) LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
#variable_conflict use_column
DECLARE opened record; -- not "found": that would hide FOUND
BEGIN
    SELECT s.session_id, s.user_id, u.name AS user_name, u.email AS user_email, u.is_staff, s.authenticated_at,
           s.last_seen_at, here.customer_id, here.name AS customer_name, here.plan, here.role,
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
     WHERE s.token_hash = token
       AND s.expires_at > at
       AND s.last_seen_at + make_interval(secs => s.idle_seconds) > at;
    IF NOT FOUND THEN
        RETURN;
    END IF;
    PERFORM set_config('app.customer_id', COALESCE(opened.customer_id::text, ''), true);
    RETURN QUERY SELECT opened.session_id, opened.user_id, opened.user_name, opened.user_email, opened.is_staff,
        opened.authenticated_at, opened.last_seen_at,
        opened.customer_id, opened.customer_name, opened.plan, opened.role, opened.fell_back, opened.customers;
END $$;
REVOKE ALL ON FUNCTION open_session(bytea, timestamptz, boolean) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION open_session(bytea, timestamptz, boolean) TO foyer_app;

-- A code of six characters by which somebody signs in without a password. It works only in the browser that asked for
-- it, which holds a secret of 256 bits in a cookie; the code is stored as a hash keyed with that secret, so that nothing
-- of it can be guessed from these rows. For an unknown address there is a row too: both cases do the same.
CREATE TABLE signin_codes (
    browser_hash bytea PRIMARY KEY CHECK (octet_length(browser_hash) = 32), -- SHA-256 of the browser's secret
    code_hash bytea NOT NULL CHECK (octet_length(code_hash) = 32),
    user_id uuid REFERENCES users,                                          -- null: no account has the address
    keep boolean NOT NULL,                                                  -- "keep me signed in" was chosen
    next text NOT NULL CHECK (char_length(next) <= 2000),                   -- the page to go on with
    tries smallint NOT NULL DEFAULT 0 CHECK (tries BETWEEN 0 AND 5),
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    used_at timestamptz
);
CREATE INDEX signin_codes_user_id ON signin_codes (user_id);
CREATE INDEX signin_codes_expires_at ON signin_codes (expires_at);
GRANT SELECT, INSERT, UPDATE, DELETE ON signin_codes TO foyer_app;
