-- API keys: only the SHA-256 of the whole key is stored, with its first eight characters to recognise it by.
CREATE TABLE api_keys (
    key_id text PRIMARY KEY CHECK (key_id ~ '^key-[0-9a-f]{12}$'),
    customer_id uuid NOT NULL REFERENCES customers,
    name text NOT NULL CHECK (char_length(name) BETWEEN 1 AND 80),
    prefix text NOT NULL CHECK (char_length(prefix) = 8),
    lookup_hash bytea NOT NULL CHECK (octet_length(lookup_hash) = 32),
    status text NOT NULL CHECK (status IN ('active', 'revoked')),
    created_by uuid REFERENCES users,
    created_at timestamptz NOT NULL,
    expires_at timestamptz,                                           -- set when a rotation gave it an end
    rotated_to text REFERENCES api_keys,                              -- its successor
    last_used_at timestamptz,
    revoked_at timestamptz,
    CHECK ((status = 'revoked') = (revoked_at IS NOT NULL))
);
CREATE UNIQUE INDEX api_keys_lookup_hash_key ON api_keys (lookup_hash);
CREATE INDEX api_keys_customer_created ON api_keys (customer_id, created_at DESC, key_id);
CREATE INDEX api_keys_created_by ON api_keys (created_by);
CREATE UNIQUE INDEX api_keys_rotated_to_key ON api_keys (rotated_to);
CALL protect_tenant_table('api_keys');
