-- Access requests: somebody asks for a right that their role does not include, and those who manage the team answer.
CREATE TABLE access_requests (
    request_id uuid PRIMARY KEY,
    customer_id uuid NOT NULL REFERENCES customers,
    user_id uuid NOT NULL REFERENCES users,                           -- who asks
    permission text NOT NULL CHECK (char_length(permission) BETWEEN 1 AND 40), -- 'manage_keys', as in the table of roles
    reason text NOT NULL DEFAULT '' CHECK (char_length(reason) <= 300), -- what for, in their words
    status text NOT NULL CHECK (status IN ('pending', 'granted', 'declined', 'withdrawn')),
    decided_by uuid REFERENCES users,                                 -- who granted or declined it
    decided_at timestamptz,                                           -- when it was granted, declined or withdrawn
    created_at timestamptz NOT NULL,
    CHECK ((status = 'pending') = (decided_at IS NULL)),
    -- The requests of a person who leaves the team vanish with their membership.
    FOREIGN KEY (customer_id, user_id) REFERENCES memberships ON DELETE CASCADE
);
CREATE UNIQUE INDEX access_requests_pending_key ON access_requests (customer_id, user_id, permission) WHERE status = 'pending';
CREATE INDEX access_requests_waiting ON access_requests (customer_id, created_at) WHERE status = 'pending';
CREATE INDEX access_requests_person ON access_requests (customer_id, user_id, created_at DESC);
CREATE INDEX access_requests_user_id ON access_requests (user_id);
CREATE INDEX access_requests_decided_by ON access_requests (decided_by);
CALL protect_tenant_table('access_requests');

-- A new sign-in address that is not confirmed yet; one per person, replaced by a newer one. The old address stays in
-- force until the link in the mail to the new one is confirmed; only the SHA-256 of its token is stored.
CREATE TABLE email_changes (
    user_id uuid PRIMARY KEY REFERENCES users,
    new_email text NOT NULL CHECK (new_email = lower(new_email) AND char_length(new_email) <= 254),
    token_hash bytea NOT NULL CHECK (octet_length(token_hash) = 32),
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    canceled_at timestamptz,                                          -- the person thought better of it; kept for the count
    asked integer NOT NULL DEFAULT 1,                                 -- how often since asked_since, to bound the mails
    asked_since timestamptz NOT NULL
);
CREATE UNIQUE INDEX email_changes_token_hash_key ON email_changes (token_hash);
CREATE INDEX email_changes_expires_at ON email_changes (expires_at);
GRANT SELECT, INSERT, UPDATE, DELETE ON email_changes TO foyer_app;
