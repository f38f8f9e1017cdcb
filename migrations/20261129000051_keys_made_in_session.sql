-- In which session a key was made: a form that is sent twice comes from one session, and a guest of a portal session is known
-- by nothing else. No reference, because sessions are deleted when they end.
ALTER TABLE api_keys ADD COLUMN created_in uuid; -- NULL: made before this was stored, or by no session
