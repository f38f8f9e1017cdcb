-- As before, with when the person last used the portal at this customer: who has just signed in or come over from another
-- customer shows as active at once.
DROP FUNCTION open_session(bytea, timestamptz, boolean);
CREATE FUNCTION open_session(token bytea, at timestamptz, fall_back boolean) RETURNS TABLE (
    session_id uuid, user_id uuid, user_name text, user_email text, is_staff boolean,
    authenticated_at timestamptz, last_seen_at timestamptz, last_active_at timestamptz,
    customer_id uuid, customer_name text, plan text, role text, fell_back boolean, customers jsonb,
    scopes text[], return_url text, flow text,
    two_factors boolean, two_factors_required boolean, provider_customer_id uuid, needs_sso boolean
) LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
#variable_conflict use_column
DECLARE opened record; -- not "found": that would hide FOUND
BEGIN
    SELECT s.session_id, s.user_id, COALESCE(u.name, p.opened_by) AS user_name, COALESCE(u.email, '') AS user_email,
           COALESCE(u.is_staff, false) AND p.portal_session_id IS NULL AND s.provider_customer_id IS NULL AS is_staff,
           s.authenticated_at, s.last_seen_at, here.last_active_at, here.customer_id, here.name AS customer_name, here.plan, here.role,
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
          (SELECT m.customer_id, m.role, m.last_active_at, c.name, c.plan, c.second_factor_required
             FROM memberships m
             JOIN customers c ON c.customer_id = m.customer_id
            WHERE m.user_id = s.user_id
              AND c.status <> 'closed'
              AND (s.provider_customer_id IS NULL OR c.customer_id = s.provider_customer_id)
              AND (m.customer_id = COALESCE(p.customer_id, s.active_customer_id) OR (fall_back AND p.portal_session_id IS NULL))
            ORDER BY (m.customer_id = s.active_customer_id) DESC NULLS LAST, m.last_active_at DESC NULLS LAST, m.customer_id
            LIMIT 1)
          UNION ALL
          SELECT c.customer_id, NULL, NULL, c.name, c.plan, c.second_factor_required
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
        opened.authenticated_at, opened.last_seen_at, opened.last_active_at,
        opened.customer_id, opened.customer_name, opened.plan, opened.role, opened.fell_back, opened.customers,
        opened.scopes, opened.return_url, opened.flow,
        opened.two_factors, opened.two_factors_required, opened.provider_customer_id, opened.needs_sso;
END $$;
REVOKE ALL ON FUNCTION open_session(bytea, timestamptz, boolean) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION open_session(bytea, timestamptz, boolean) TO foyer_app;
