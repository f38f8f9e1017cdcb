-- Team: invitations. The token is 16 random bytes in hex in the mailed link; only its SHA-256 is stored.
CREATE TABLE invitations (
    invitation_id uuid PRIMARY KEY,
    customer_id uuid NOT NULL REFERENCES customers,
    email text NOT NULL CHECK (email = lower(email) AND char_length(email) <= 254),
    role text NOT NULL CHECK (role IN ('owner', 'admin', 'billing', 'developer', 'member')),
    token_hash bytea NOT NULL CHECK (octet_length(token_hash) = 32),
    invited_by uuid REFERENCES users,
    created_at timestamptz NOT NULL,
    sent_at timestamptz NOT NULL,                                     -- last sent; a resend makes a new token
    expires_at timestamptz NOT NULL,
    accepted_at timestamptz,
    revoked_at timestamptz,
    CHECK (accepted_at IS NULL OR revoked_at IS NULL)
);
CREATE UNIQUE INDEX invitations_token_hash_key ON invitations (token_hash);
CREATE INDEX invitations_customer_created ON invitations (customer_id, created_at DESC);
CREATE UNIQUE INDEX invitations_pending_key ON invitations (customer_id, email) WHERE accepted_at IS NULL AND revoked_at IS NULL;
CREATE INDEX invitations_invited_by ON invitations (invited_by);
CALL protect_tenant_table('invitations');

-- The invitation behind a token and its customer, which becomes the current one for the rest of the transaction:
-- whoever holds the token is not a member yet. Security definer for that reason; the token is the authority.
CREATE FUNCTION open_invitation(token bytea) RETURNS TABLE (invitation_id uuid, customer_id uuid, customer_name text)
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
#variable_conflict use_column
DECLARE opened record;
BEGIN
    SELECT i.invitation_id, i.customer_id, c.name INTO opened
      FROM invitations i JOIN customers c ON c.customer_id = i.customer_id
     WHERE i.token_hash = token AND c.status <> 'closed';
    IF NOT FOUND THEN
        RETURN;
    END IF;
    PERFORM set_config('app.customer_id', opened.customer_id::text, true);
    RETURN QUERY SELECT opened.invitation_id, opened.customer_id, opened.name;
END $$;
REVOKE ALL ON FUNCTION open_invitation(bytea) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION open_invitation(bytea) TO foyer_app;
