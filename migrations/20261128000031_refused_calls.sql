-- Why calls with a key are refused, without reading all those that were let in. It holds no column that a batch writes again, so
-- that those rows stay where they are.
CREATE INDEX key_calls_refused ON key_calls (customer_id, key_id, hour) WHERE code <> 'valid';
