-- Single sign-on: signing in with a customer's own OpenID Connect provider.

-- The provider of a customer.
CREATE TABLE sso_connections (
    customer_id uuid PRIMARY KEY REFERENCES customers,
    issuer text NOT NULL CHECK (char_length(issuer) BETWEEN 1 AND 300),       -- as the provider calls itself, to the letter
    client_id text NOT NULL CHECK (char_length(client_id) BETWEEN 1 AND 255),
    client_secret bytea NOT NULL,                                             -- sealed for the place 'oidc:' and the customer's id
    role text NOT NULL CHECK (role IN ('admin', 'billing', 'developer', 'member')), -- what somebody is who joins through it
    discovery jsonb NOT NULL,                                                 -- the provider's discovery document
    discovered_at timestamptz NOT NULL,                                       -- when it was read
    enforced_at timestamptz,                                                  -- since when there is no other way in; null: there is
    break_glass_user_id uuid,                                                 -- the owner who still gets in by another way
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    CHECK ((enforced_at IS NULL) = (break_glass_user_id IS NULL)),
    -- That owner cannot leave the team without another in their place.
    FOREIGN KEY (customer_id, break_glass_user_id) REFERENCES memberships (customer_id, user_id)
);
CALL protect_tenant_table('sso_connections');

-- The domains of a customer, and whether it has proved that they are its own.
CREATE TABLE sso_domains (
    customer_id uuid NOT NULL REFERENCES customers,
    domain text NOT NULL CHECK (domain = lower(domain) AND char_length(domain) BETWEEN 4 AND 230),
    token text NOT NULL CHECK (token ~ '^[0-9a-f]{32}$'),                     -- to be found in the domain's TXT record; no secret
    verified_at timestamptz,
    checked_at timestamptz,                                                   -- when the record was last looked for
    created_at timestamptz NOT NULL,
    PRIMARY KEY (customer_id, domain)
);
CREATE UNIQUE INDEX sso_domains_verified_key ON sso_domains (domain) WHERE verified_at IS NOT NULL;
CALL protect_tenant_table('sso_domains');

-- Who somebody is at a provider: its issuer and their subject there, never their address. It goes with the membership.
CREATE TABLE sso_identities (
    customer_id uuid NOT NULL REFERENCES customers,
    issuer text NOT NULL,
    subject text NOT NULL CHECK (char_length(subject) BETWEEN 1 AND 255),
    user_id uuid NOT NULL REFERENCES users,
    created_at timestamptz NOT NULL,
    last_used_at timestamptz NOT NULL,
    PRIMARY KEY (customer_id, issuer, subject),
    UNIQUE (customer_id, issuer, user_id),
    FOREIGN KEY (customer_id, user_id) REFERENCES memberships (customer_id, user_id) ON DELETE CASCADE
);
CREATE INDEX sso_identities_user_id ON sso_identities (user_id);
CREATE INDEX sso_identities_membership ON sso_identities (customer_id, user_id);
CALL protect_tenant_table('sso_identities');

-- Who was removed from a team: their provider does not bring them back by itself, an invitation does.
CREATE TABLE sso_removals (
    customer_id uuid NOT NULL REFERENCES customers,
    user_id uuid NOT NULL REFERENCES users,
    removed_at timestamptz NOT NULL,
    PRIMARY KEY (customer_id, user_id)
);
CREATE INDEX sso_removals_user_id ON sso_removals (user_id);
CALL protect_tenant_table('sso_removals');

-- A sign-in that is under way at a provider. It comes back with its state, once, in the browser that began it: both are
-- stored as hashes. Nonce and PKCE verifier follow from the two and are stored nowhere.
CREATE TABLE sso_signins (
    state_hash bytea PRIMARY KEY CHECK (octet_length(state_hash) = 32),
    browser_hash bytea NOT NULL CHECK (octet_length(browser_hash) = 32),
    customer_id uuid NOT NULL REFERENCES customers,
    issuer text NOT NULL,
    keep boolean NOT NULL,                                                    -- "keep me signed in" was chosen
    fresh boolean NOT NULL,                                                   -- the provider was told to ask who it is
    next text NOT NULL CHECK (char_length(next) <= 2000),                     -- the page to go on with
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    used_at timestamptz
);
CREATE INDEX sso_signins_customer_created ON sso_signins (customer_id, created_at);
CREATE INDEX sso_signins_expires_at ON sso_signins (expires_at);
CALL protect_tenant_table('sso_signins');
-- The worker clears old rows of every customer away.
CREATE POLICY worker_clears ON sso_signins TO foyer_app USING (current_scope() = 'worker') WITH CHECK (current_scope() = 'worker');

-- Whether a person gets into a customer only by way of its provider. For the functions below, which may read it.
CREATE FUNCTION needs_sso(customer uuid, person uuid) RETURNS boolean
    LANGUAGE sql STABLE SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT EXISTS (
        SELECT 1
          FROM sso_connections x
         WHERE x.customer_id = customer AND x.enforced_at IS NOT NULL AND x.break_glass_user_id IS DISTINCT FROM person
    )
$$;

-- As before, and tells whether the current customer, and each of the others, can only be entered by way of its provider.
DROP FUNCTION open_session(bytea, timestamptz, boolean);
CREATE FUNCTION open_session(token bytea, at timestamptz, fall_back boolean) RETURNS TABLE (
    session_id uuid, user_id uuid, user_name text, user_email text, is_staff boolean,
    authenticated_at timestamptz, last_seen_at timestamptz,
    customer_id uuid, customer_name text, plan text, role text, fell_back boolean, customers jsonb,
    scopes text[], return_url text, flow text,
    two_factors boolean, two_factors_required boolean, provider_customer_id uuid, needs_sso boolean
) LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
#variable_conflict use_column
DECLARE opened record; -- not "found": that would hide FOUND
BEGIN
    SELECT s.session_id, s.user_id, COALESCE(u.name, p.opened_by) AS user_name, COALESCE(u.email, '') AS user_email,
           COALESCE(u.is_staff, false) AND p.portal_session_id IS NULL AND s.provider_customer_id IS NULL AS is_staff,
           s.authenticated_at, s.last_seen_at, here.customer_id, here.name AS customer_name, here.plan, here.role,
           here.customer_id IS DISTINCT FROM COALESCE(p.customer_id, s.active_customer_id) AS fell_back,
           (SELECT COALESCE(jsonb_agg(jsonb_build_object(
                       'id', c2.customer_id, 'name', c2.name, 'role', m2.role,
                       'needs_sso', s.provider_customer_id IS NULL AND needs_sso(c2.customer_id, s.user_id)
                   ) ORDER BY c2.name), '[]')
              FROM memberships m2 JOIN customers c2 ON c2.customer_id = m2.customer_id
             WHERE m2.user_id = s.user_id AND c2.status <> 'closed' AND p.portal_session_id IS NULL
               AND (s.provider_customer_id IS NULL OR c2.customer_id = s.provider_customer_id)) AS customers,
           p.scopes, p.return_url, p.flow,
           s.two_factors OR COALESCE(s.provider_customer_id = here.customer_id, false) AS two_factors,
           COALESCE(here.second_factor_required, false) AS two_factors_required,
           s.provider_customer_id,
           s.provider_customer_id IS NULL AND p.portal_session_id IS NULL AND needs_sso(here.customer_id, s.user_id) AS needs_sso
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
        opened.two_factors, opened.two_factors_required, opened.provider_customer_id, opened.needs_sso;
END $$;
REVOKE ALL ON FUNCTION open_session(bytea, timestamptz, boolean) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION open_session(bytea, timestamptz, boolean) TO foyer_app;

-- As before, with those last that can only be entered by way of their provider: a sign-in by other means begins elsewhere.
CREATE OR REPLACE FUNCTION customers_of(person uuid) RETURNS TABLE (customer_id uuid, role text)
    LANGUAGE sql SECURITY DEFINER STABLE SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT m.customer_id, m.role
      FROM memberships m JOIN customers c ON c.customer_id = m.customer_id
     WHERE m.user_id = person AND c.status <> 'closed'
     ORDER BY needs_sso(m.customer_id, person), m.last_active_at DESC NULLS LAST, c.name
$$;

-- The customer that has proved to own a domain and has a provider; it becomes the current one of the transaction. Whoever
-- types an address of the domain may know that much. Security definer, here and below: nobody is signed in yet.
CREATE FUNCTION open_sso_domain(wanted text) RETURNS TABLE (customer_id uuid)
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
#variable_conflict use_column
DECLARE opened uuid;
BEGIN
    SELECT d.customer_id INTO opened
      FROM sso_domains d
      JOIN sso_connections x ON x.customer_id = d.customer_id
      JOIN customers c ON c.customer_id = d.customer_id
     WHERE d.domain = wanted AND d.verified_at IS NOT NULL AND c.status <> 'closed';
    IF NOT FOUND THEN
        RETURN;
    END IF;
    PERFORM set_config('app.customer_id', opened::text, true);
    RETURN QUERY SELECT opened;
END $$;
REVOKE ALL ON FUNCTION open_sso_domain(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION open_sso_domain(text) TO foyer_app;

-- Uses a sign-in up that comes back from a provider, and makes its customer the current one of the transaction. Of several
-- at once exactly one gets the row. In another browser it is not even used up.
CREATE FUNCTION use_sso_signin(state bytea, browser bytea, at timestamptz) RETURNS TABLE (
    customer_id uuid, customer_name text, issuer text, keep boolean, fresh boolean, next text
) LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
#variable_conflict use_column
DECLARE used record;
BEGIN
    UPDATE sso_signins s
       SET used_at = at
      FROM customers c
     WHERE s.state_hash = state AND s.browser_hash = browser AND s.used_at IS NULL AND s.expires_at > at
       AND c.customer_id = s.customer_id AND c.status <> 'closed'
    RETURNING s.customer_id, c.name, s.issuer, s.keep, s.fresh, s.next INTO used;
    IF NOT FOUND THEN
        RETURN;
    END IF;
    PERFORM set_config('app.customer_id', used.customer_id::text, true);
    RETURN QUERY SELECT used.customer_id, used.name, used.issuer, used.keep, used.fresh, used.next;
END $$;
REVOKE ALL ON FUNCTION use_sso_signin(bytea, bytea, timestamptz) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION use_sso_signin(bytea, bytea, timestamptz) TO foyer_app;

-- Whether another customer has proved to own a domain already.
CREATE FUNCTION sso_domain_is_taken(wanted text) RETURNS boolean
    LANGUAGE sql SECURITY DEFINER STABLE SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT EXISTS (
        SELECT 1 FROM sso_domains d WHERE d.domain = wanted AND d.verified_at IS NOT NULL AND d.customer_id IS DISTINCT FROM current_customer()
    )
$$;
REVOKE ALL ON FUNCTION sso_domain_is_taken(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sso_domain_is_taken(text) TO foyer_app;
