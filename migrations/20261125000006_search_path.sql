-- The search path of every function that runs with its owner's rights. Where pg_temp is not named it is searched first, and
-- a temporary table of the caller's would be taken for one of ours (PostgreSQL manual, "Writing SECURITY DEFINER Functions
-- Safely"). So the system comes first, then our schema, and what is temporary last.
DO $$
DECLARE definer regprocedure;
BEGIN
    FOR definer IN SELECT oid FROM pg_proc WHERE prosecdef AND pronamespace = 'public'::regnamespace LOOP
        EXECUTE format('ALTER FUNCTION %s SET search_path = pg_catalog, public, pg_temp', definer);
    END LOOP;
END $$;
