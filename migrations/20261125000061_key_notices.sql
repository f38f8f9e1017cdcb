-- Owners and developers are told 14, 7 and 1 days before a key's end, once each, however many workers run.
ALTER TABLE api_keys ADD COLUMN end_told_days smallint CHECK (end_told_days IN (14, 7, 1)); -- the last notice; NULL: none yet
CREATE INDEX api_keys_ending ON api_keys (expires_at) WHERE status = 'active' AND rotated_to IS NULL;
CREATE POLICY worker_reads ON api_keys FOR SELECT TO foyer_app USING (current_scope() = 'worker');
