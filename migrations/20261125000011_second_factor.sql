-- Second factor: codes of an authenticator app (TOTP, RFC 6238), recovery codes, and customers that ask for it.

-- A person's authenticator app. There is one row from the moment in which its secret is shown; it counts from the first
-- right code on.
CREATE TABLE second_factors (
    user_id uuid PRIMARY KEY REFERENCES users,
    sealed_secret bytea NOT NULL,                                     -- 160 bits under SECRET_KEY, for the place `totp:<user_id>`
    created_at timestamptz NOT NULL,
    confirmed_at timestamptz,                                         -- the first right code; null: not in force yet
    last_step bigint NOT NULL DEFAULT 0                               -- of the last accepted code, in 30 seconds since 1970: none of it or before is accepted again
);
GRANT SELECT, INSERT, UPDATE, DELETE ON second_factors TO foyer_app;

-- Codes for the day on which the app is lost; each works once. Only the SHA-256 of their 80 random bits is stored.
CREATE TABLE recovery_codes (
    user_id uuid NOT NULL REFERENCES users,
    code_hash bytea NOT NULL CHECK (octet_length(code_hash) = 32),
    created_at timestamptz NOT NULL,
    used_at timestamptz,                                              -- null: still works
    PRIMARY KEY (user_id, code_hash)
);
GRANT SELECT, INSERT, UPDATE, DELETE ON recovery_codes TO foyer_app;

-- Somebody who has given one factor and still has to give the second. Works only in the browser in which it began, which
-- holds a secret of 256 bits in a cookie.
CREATE TABLE signin_steps (
    browser_hash bytea PRIMARY KEY CHECK (octet_length(browser_hash) = 32), -- SHA-256 of the browser's secret
    user_id uuid NOT NULL REFERENCES users,
    proof text NOT NULL CHECK (proof IN ('password', 'mailed code')), -- the first factor
    keep boolean NOT NULL,                                            -- "keep me signed in" was chosen
    next text NOT NULL CHECK (char_length(next) <= 2000),             -- the page to go on with
    tries smallint NOT NULL DEFAULT 0 CHECK (tries BETWEEN 0 AND 5),
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    used_at timestamptz
);
CREATE INDEX signin_steps_user_id ON signin_steps (user_id);
CREATE INDEX signin_steps_expires_at ON signin_steps (expires_at);
GRANT SELECT, INSERT, UPDATE, DELETE ON signin_steps TO foyer_app;

-- How strong a session is.
ALTER TABLE sessions
    ADD COLUMN two_factors boolean NOT NULL DEFAULT false,            -- a second factor was given, or a passkey with user verification
    ADD COLUMN provider_customer_id uuid REFERENCES customers;        -- begun with this customer's own identity provider; null: not with one
CREATE INDEX sessions_provider_customer_id ON sessions (provider_customer_id);

ALTER TABLE customers
    ADD COLUMN second_factor_required boolean NOT NULL DEFAULT false; -- nobody works here by password or mailed code alone

-- As before, and tells whether the session holds two factors here, and whether this customer asks for them. A provider
-- vouches at its own customer and nowhere else, so a session that began with one stays there.
DROP FUNCTION open_session(bytea, timestamptz, boolean);
CREATE FUNCTION open_session(token bytea, at timestamptz, fall_back boolean) RETURNS TABLE (
    session_id uuid, user_id uuid, user_name text, user_email text, is_staff boolean,
    authenticated_at timestamptz, last_seen_at timestamptz,
    customer_id uuid, customer_name text, plan text, role text, fell_back boolean, customers jsonb,
    scopes text[], return_url text, flow text,
    two_factors boolean, two_factors_required boolean, provider_customer_id uuid
) LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
#variable_conflict use_column
DECLARE opened record; -- not "found": that would hide FOUND
BEGIN
    SELECT s.session_id, s.user_id, COALESCE(u.name, p.opened_by) AS user_name, COALESCE(u.email, '') AS user_email,
           COALESCE(u.is_staff, false) AND p.portal_session_id IS NULL AND s.provider_customer_id IS NULL AS is_staff,
           s.authenticated_at, s.last_seen_at, here.customer_id, here.name AS customer_name, here.plan, here.role,
           here.customer_id IS DISTINCT FROM COALESCE(p.customer_id, s.active_customer_id) AS fell_back,
           (SELECT COALESCE(jsonb_agg(jsonb_build_object('id', c2.customer_id, 'name', c2.name, 'role', m2.role) ORDER BY c2.name), '[]')
              FROM memberships m2 JOIN customers c2 ON c2.customer_id = m2.customer_id
             WHERE m2.user_id = s.user_id AND c2.status <> 'closed' AND p.portal_session_id IS NULL
               AND (s.provider_customer_id IS NULL OR c2.customer_id = s.provider_customer_id)) AS customers,
           p.scopes, p.return_url, p.flow,
           s.two_factors OR COALESCE(s.provider_customer_id = here.customer_id, false) AS two_factors,
           COALESCE(here.second_factor_required, false) AS two_factors_required,
           s.provider_customer_id
      INTO opened
      FROM sessions s
      LEFT JOIN users u ON u.user_id = s.user_id
      LEFT JOIN portal_sessions p ON p.portal_session_id = s.portal_session_id
      LEFT JOIN service_tokens t ON t.service_token_id = p.service_token_id
      LEFT JOIN LATERAL (
          (SELECT m.customer_id, m.role, c.name, c.plan, c.second_factor_required
             FROM memberships m
             JOIN customers c ON c.customer_id = m.customer_id
            WHERE m.user_id = s.user_id
              AND c.status <> 'closed'
              AND (s.provider_customer_id IS NULL OR c.customer_id = s.provider_customer_id)
              AND (m.customer_id = COALESCE(p.customer_id, s.active_customer_id) OR (fall_back AND p.portal_session_id IS NULL))
            ORDER BY (m.customer_id = s.active_customer_id) DESC NULLS LAST, m.last_active_at DESC NULLS LAST, m.customer_id
            LIMIT 1)
          UNION ALL
          SELECT c.customer_id, NULL, c.name, c.plan, c.second_factor_required
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
        opened.scopes, opened.return_url, opened.flow,
        opened.two_factors, opened.two_factors_required, opened.provider_customer_id;
END $$;
REVOKE ALL ON FUNCTION open_session(bytea, timestamptz, boolean) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION open_session(bytea, timestamptz, boolean) TO foyer_app;
