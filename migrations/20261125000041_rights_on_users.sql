-- What the application may write of people: everything but who they are to the SaaS. `is_staff` is set only by the role
-- that owns the tables, so that whoever gets into the application makes nobody staff (ASVS 5.0, 13.2.2). A column that
-- comes later has to be granted with it.
REVOKE INSERT, UPDATE ON users FROM foyer_app;
GRANT INSERT (user_id, email, name, password_hash, created_at, updated_at) ON users TO foyer_app;
GRANT UPDATE (email, name, password_hash, updated_at) ON users TO foyer_app;
