-- What a key is limited to, how it comes to its end, and what is known about its use.
ALTER TABLE api_keys
    ADD COLUMN environment text NOT NULL DEFAULT 'live' CHECK (environment IN ('live', 'test')),
    ADD COLUMN scopes text[],                                         -- words of the SaaS's catalogue; NULL: everything
    ADD COLUMN allowed_networks text[] NOT NULL DEFAULT '{}',         -- CIDR; empty: from everywhere
    ADD COLUMN calls_per_minute integer CHECK (calls_per_minute > 0), -- NULL: no limit of its own
    ADD COLUMN disabled_at timestamptz,                               -- refused until somebody enables it again
    ADD COLUMN retires_at timestamptz,                                -- end of the overlap after a rotation
    ADD COLUMN revoked_reason text CHECK (char_length(revoked_reason) BETWEEN 1 AND 200),
    ADD COLUMN leaked_at timestamptz,                                 -- reported by a secret scanner
    ADD COLUMN leaked_url text CHECK (char_length(leaked_url) <= 2000),
    ADD COLUMN last_used_ip text CHECK (char_length(last_used_ip) <= 45);

-- Until now only a rotation gave a key an end. From here on expires_at is the end that its maker chose, and the earlier of
-- the two counts.
UPDATE api_keys SET retires_at = expires_at, expires_at = NULL WHERE rotated_to IS NOT NULL;
ALTER TABLE api_keys ADD CHECK (retires_at IS NULL OR rotated_to IS NOT NULL);

-- Calls with a key, counted by hour, outcome and address: the sparkline, recent rejections, and who still uses an old key.
CREATE TABLE key_calls (
    customer_id uuid NOT NULL REFERENCES customers,
    key_id text NOT NULL REFERENCES api_keys,
    hour timestamptz NOT NULL CHECK (hour = date_trunc('hour', hour, 'UTC')),
    code text NOT NULL CHECK (code ~ '^[a-z_]{1,32}$'),               -- 'valid', or why it was refused
    ip text NOT NULL CHECK (char_length(ip) <= 45),                   -- '' where it is not known, or there were too many
    calls bigint NOT NULL CHECK (calls > 0),
    last_at timestamptz NOT NULL,
    PRIMARY KEY (customer_id, key_id, hour, code, ip)
);
CREATE INDEX key_calls_hour ON key_calls (hour);                      -- for clearing out
CALL protect_tenant_table('key_calls');
