-- Wrong second factors are counted, so that the person hears of whoever has their first factor and tries to get past it.
ALTER TABLE second_factors
    ADD COLUMN wrong_tries integer NOT NULL DEFAULT 0,                -- since the last right code, within a day of the first of them
    ADD COLUMN wrong_since timestamptz,                               -- the first of them
    ADD COLUMN warned_at timestamptz;                                 -- when the person was last told; at most once a day
