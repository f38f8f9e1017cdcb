-- Passkeys (WebAuthn level 3): a key pair that a person's device or password manager holds for this portal. Only the public
-- half is here. They belong to people, not to customers.

CREATE TABLE passkeys (
    passkey_id uuid PRIMARY KEY,
    user_id uuid NOT NULL REFERENCES users,
    credential_id bytea NOT NULL CHECK (octet_length(credential_id) BETWEEN 16 AND 1023), -- chosen by the authenticator
    credential jsonb NOT NULL,                                        -- public key, sign counter, what the authenticator can do
    name text NOT NULL CHECK (char_length(name) BETWEEN 1 AND 60),    -- by which the person knows it
    created_at timestamptz NOT NULL,
    last_used_at timestamptz,
    blocked_at timestamptz                                            -- its counter went back: it may have been copied, and is refused
);
CREATE UNIQUE INDEX passkeys_credential_id_key ON passkeys (credential_id);
CREATE INDEX passkeys_user_id ON passkeys (user_id);
GRANT SELECT, INSERT, UPDATE, DELETE ON passkeys TO foyer_app;

-- What an authenticator is asked to sign. A row is deleted by the first answer to it, right or wrong.
CREATE TABLE passkey_challenges (
    challenge_hash bytea PRIMARY KEY CHECK (octet_length(challenge_hash) = 32), -- SHA-256 of the challenge
    purpose text NOT NULL CHECK (purpose IN ('registration', 'sign_in', 'confirmation')),
    session_id uuid REFERENCES sessions ON DELETE CASCADE,            -- where it must be answered; null: wherever somebody signs in
    state jsonb NOT NULL,                                             -- what the answer is checked against
    expires_at timestamptz NOT NULL,
    CHECK ((session_id IS NULL) = (purpose = 'sign_in'))
);
CREATE INDEX passkey_challenges_session_id ON passkey_challenges (session_id);
CREATE INDEX passkey_challenges_expires_at ON passkey_challenges (expires_at);
GRANT SELECT, INSERT, DELETE ON passkey_challenges TO foyer_app;
