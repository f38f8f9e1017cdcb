-- Each new row of key_calls waited for whoever held its customer's row, and with it everything that is recorded at once. The key has
-- the same customer, and holds it in place.
ALTER TABLE key_calls DROP CONSTRAINT key_calls_customer_id_fkey;
