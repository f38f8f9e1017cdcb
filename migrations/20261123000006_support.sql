-- Support: tickets and their messages.
CREATE TABLE tickets (
    ticket_id text PRIMARY KEY CHECK (ticket_id ~ '^ticket-[0-9a-f]{12}$'),
    customer_id uuid NOT NULL REFERENCES customers,
    subject text NOT NULL CHECK (char_length(subject) BETWEEN 1 AND 160),
    -- open: waits for staff; pending: waits for the customer; closed: done, a reply reopens it.
    status text NOT NULL CHECK (status IN ('open', 'pending', 'closed')),
    opened_by uuid REFERENCES users,                                  -- null: opened outside the portal
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,                                  -- last message or change of state
    status_since timestamptz,                                         -- since when it waits for whom it waits for; null: since updated_at
    closed_at timestamptz,
    CHECK ((status = 'closed') = (closed_at IS NOT NULL))
);
CREATE INDEX tickets_customer_created ON tickets (customer_id, created_at DESC, ticket_id);
CREATE INDEX tickets_customer_updated ON tickets (customer_id, updated_at DESC, ticket_id);
CREATE INDEX tickets_queue ON tickets (status, updated_at DESC, ticket_id);
CREATE INDEX tickets_waiting ON tickets ((COALESCE(status_since, updated_at)), ticket_id) WHERE status = 'open';
CREATE INDEX tickets_opened_by ON tickets (opened_by);
CALL protect_tenant_table('tickets');
CREATE POLICY staff_reads ON tickets FOR SELECT TO foyer_app USING (current_scope() = 'staff');

CREATE TABLE ticket_messages (
    message_id uuid PRIMARY KEY,
    ticket_id text NOT NULL REFERENCES tickets,
    customer_id uuid NOT NULL REFERENCES customers,
    content text NOT NULL CHECK (char_length(content) BETWEEN 1 AND 10000),
    from_customer boolean NOT NULL,
    author_id uuid REFERENCES users,
    author_name text NOT NULL,
    created_at timestamptz NOT NULL
);
CREATE INDEX ticket_messages_ticket ON ticket_messages (ticket_id, created_at, message_id);
CREATE INDEX ticket_messages_customer_id ON ticket_messages (customer_id, ticket_id);
CREATE INDEX ticket_messages_author_id ON ticket_messages (author_id);
CALL protect_tenant_table('ticket_messages');
CREATE POLICY staff_reads ON ticket_messages FOR SELECT TO foyer_app USING (current_scope() = 'staff');
