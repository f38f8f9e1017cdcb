-- Billing: the subscription of a customer and its invoices. Money is in minor units with its currency.
CREATE TABLE subscriptions (
    subscription_id uuid PRIMARY KEY,
    customer_id uuid NOT NULL REFERENCES customers,
    plan text NOT NULL CHECK (plan IN ('free', 'pro', 'enterprise')),
    status text NOT NULL CHECK (status IN ('active', 'past_due', 'ended')),
    amount bigint NOT NULL CHECK (amount >= 0),                       -- net price of a month, minor units
    currency char(3) NOT NULL,                                        -- ISO 4217
    payment_method text NOT NULL DEFAULT '',                          -- in words, 'Visa ending 4242'; empty: none
    started_on date NOT NULL,
    next_billing_on date,                                             -- null: nothing will be charged
    ended_at timestamptz,
    created_at timestamptz NOT NULL
);
CREATE UNIQUE INDEX subscriptions_customer_current_key ON subscriptions (customer_id) WHERE status <> 'ended';
CREATE INDEX subscriptions_customer_id ON subscriptions (customer_id, created_at DESC);
CALL protect_tenant_table('subscriptions');

CREATE TABLE invoices (
    invoice_id uuid PRIMARY KEY,
    customer_id uuid NOT NULL REFERENCES customers,
    number text NOT NULL CHECK (char_length(number) BETWEEN 1 AND 40), -- 'INV-2026-000123'
    status text NOT NULL CHECK (status IN ('open', 'paid', 'uncollectible', 'void')),
    currency char(3) NOT NULL,
    net bigint NOT NULL,
    vat bigint NOT NULL,
    total bigint NOT NULL CHECK (total = net + vat),
    vat_note text NOT NULL DEFAULT '',                                -- e.g. reverse charge
    -- The buyer as it was when the invoice was issued.
    buyer_name text NOT NULL,
    buyer_address text NOT NULL DEFAULT '',                           -- lines separated by \n
    buyer_tax_id text NOT NULL DEFAULT '',
    buyer_email text NOT NULL DEFAULT '',
    issued_on date NOT NULL,
    due_on date NOT NULL,
    period_start date NOT NULL,
    period_end date NOT NULL,                                         -- last day, included
    paid_on date,
    payment_method text NOT NULL DEFAULT '',
    created_at timestamptz NOT NULL,
    CHECK ((status = 'paid') = (paid_on IS NOT NULL))
);
CREATE UNIQUE INDEX invoices_customer_number_key ON invoices (customer_id, number);
CREATE INDEX invoices_customer_issued ON invoices (customer_id, issued_on DESC, invoice_id DESC);
-- What is owed: few rows beside thousands of paid ones.
CREATE INDEX invoices_customer_open_due ON invoices (customer_id, due_on) WHERE status = 'open';
CALL protect_tenant_table('invoices');

CREATE TABLE invoice_lines (
    invoice_id uuid NOT NULL REFERENCES invoices,
    position integer NOT NULL CHECK (position >= 1),
    customer_id uuid NOT NULL REFERENCES customers,
    description text NOT NULL CHECK (char_length(description) BETWEEN 1 AND 300),
    quantity bigint NOT NULL,
    unit_price bigint NOT NULL,                                       -- net, minor units
    net bigint NOT NULL,
    vat_rate_basis_points integer NOT NULL CHECK (vat_rate_basis_points BETWEEN 0 AND 10000), -- 1900 is 19 %
    PRIMARY KEY (invoice_id, position)
);
CREATE INDEX invoice_lines_customer_id ON invoice_lines (customer_id, invoice_id, position);
CALL protect_tenant_table('invoice_lines');
