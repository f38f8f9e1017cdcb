-- As before, but in a language whose plans are kept: PostgreSQL 15 plans a function in SQL anew in each statement that calls it,
-- and every request calls this one, once for each customer of the person.
CREATE OR REPLACE FUNCTION needs_sso(customer uuid, person uuid) RETURNS boolean
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    RETURN EXISTS (
        SELECT 1
          FROM sso_connections x
         WHERE x.customer_id = customer AND x.enforced_at IS NOT NULL AND x.break_glass_user_id IS DISTINCT FROM person
    );
END $$;
