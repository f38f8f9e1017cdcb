-- Each row is written again with every batch of its hour: with room on its page no index has to hear of it.
ALTER TABLE key_calls SET (fillfactor = 50);
ALTER TABLE api_keys SET (fillfactor = 80);
