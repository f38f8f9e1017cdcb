-- Usage per day and metric. The running month's totals are counted in Redis; this is the stored truth behind them.
CREATE TABLE usage_daily (
    customer_id uuid NOT NULL REFERENCES customers,
    metric text NOT NULL CHECK (metric IN ('api_calls', 'storage_mb')),
    day date NOT NULL,
    -- api_calls: calls of that day. storage_mb: megabytes stored at the end of that day.
    quantity bigint NOT NULL CHECK (quantity >= 0),
    PRIMARY KEY (customer_id, metric, day)
);
CALL protect_tenant_table('usage_daily');

-- The last counter values seen in Redis, shown with their age while Redis is away.
CREATE TABLE usage_snapshots (
    customer_id uuid NOT NULL REFERENCES customers,
    metric text NOT NULL CHECK (metric IN ('api_calls', 'storage_mb')),
    period text NOT NULL CHECK (period ~ '^[0-9]{4}-[0-9]{2}$'),      -- 'YYYY-MM', UTC
    quantity bigint NOT NULL CHECK (quantity >= 0),
    seen_at timestamptz NOT NULL,
    PRIMARY KEY (customer_id, metric, period)
);
CALL protect_tenant_table('usage_snapshots');
-- The worker stores the counters of every customer.
CREATE POLICY worker_stores ON usage_snapshots TO foyer_app USING (current_scope() = 'worker') WITH CHECK (current_scope() = 'worker');
CREATE POLICY worker_reads ON customers FOR SELECT TO foyer_app USING (current_scope() = 'worker');
