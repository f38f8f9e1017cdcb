-- Leaving: the wish to delete the account of a customer. It is carried out after a grace period, in which any owner can
-- cancel it. What is kept then: the invoices with their lines, and the trail.
CREATE TABLE closures (
    closure_id uuid PRIMARY KEY,
    customer_id uuid NOT NULL REFERENCES customers,
    requested_by uuid NOT NULL REFERENCES users,
    requested_at timestamptz NOT NULL,
    closes_at timestamptz NOT NULL CHECK (closes_at > requested_at),  -- the end of the grace period
    week_told_at timestamptz,                                         -- owners were reminded seven days before the end
    day_told_at timestamptz,                                          -- and a day before it
    canceled_at timestamptz,
    canceled_by uuid REFERENCES users,
    completed_at timestamptz,                                         -- the account is closed and its data erased
    CHECK (canceled_at IS NULL OR completed_at IS NULL),
    CHECK ((canceled_at IS NULL) = (canceled_by IS NULL))
);
CREATE UNIQUE INDEX closures_open_key ON closures (customer_id) WHERE canceled_at IS NULL AND completed_at IS NULL;
CREATE INDEX closures_customer_id ON closures (customer_id, requested_at DESC);
CREATE INDEX closures_due ON closures (closes_at) WHERE canceled_at IS NULL AND completed_at IS NULL;
CREATE INDEX closures_requested_by ON closures (requested_by);
CREATE INDEX closures_canceled_by ON closures (canceled_by);
CALL protect_tenant_table('closures');
-- The worker looks for what is due across customers, and then works for one of them at a time.
CREATE POLICY worker_reads ON closures FOR SELECT TO foyer_app USING (current_scope() = 'worker');
