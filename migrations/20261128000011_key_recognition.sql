-- What people recognise a key by, as it stands in their own files: what it begins with, brand and environment included, and its
-- last four characters. Of keys made before, eight characters of the random part are all that was kept.
ALTER TABLE api_keys
    DROP CONSTRAINT api_keys_prefix_check,
    ADD CONSTRAINT api_keys_prefix_check CHECK (char_length(prefix) BETWEEN 4 AND 30),
    ADD COLUMN last_four text CHECK (char_length(last_four) = 4);     -- NULL: not known
