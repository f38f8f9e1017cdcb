-- The record of a proved domain is looked for again once a week. One that is gone for a day takes the proof with it.
ALTER TABLE sso_domains
    ADD COLUMN recheck_at timestamptz,                                        -- when the record is looked for again; null: not proved
    ADD COLUMN missing_since timestamptz;                                     -- when it was first not there; null: it was there
-- Those that are proved already, spread over the first week.
UPDATE sso_domains SET recheck_at = now() + random() * interval '7 days' WHERE verified_at IS NOT NULL;
ALTER TABLE sso_domains ADD CHECK ((recheck_at IS NULL) = (verified_at IS NULL)), ADD CHECK (missing_since IS NULL OR verified_at IS NOT NULL);
CREATE INDEX sso_domains_recheck_at ON sso_domains (recheck_at) WHERE verified_at IS NOT NULL;
-- Which are due; what comes of it is written customer by customer.
CREATE POLICY worker_reads ON sso_domains FOR SELECT TO foyer_app USING (current_scope() = 'worker');
