-- KEYS: pair, address, network, account.  ARGV: now in ms, then for each key: free attempts, ms in which one attempt is
-- forgotten, longest delay in ms; last the first delay in ms when the account is under pressure.
-- Answers how long to wait in ms; 0 means that the attempt may be made, and was counted.
local now, wait, level, at, ends = tonumber(ARGV[1]), 0, {}, {}, {}
for i, key in ipairs(KEYS) do
  local stored = redis.call('HMGET', key, 'level', 'at', 'until')
  local before = tonumber(stored[2]) or now
  -- Requests that overlap may be counted in another order than they came in: the time of a count never goes back.
  at[i], ends[i] = math.max(before, now), tonumber(stored[3]) or 0
  level[i] = math.max(0, (tonumber(stored[1]) or 0) - (at[i] - before) / tonumber(ARGV[3 * i]))
  wait = math.max(wait, ends[i] - now)
end
if wait > 0 then return math.ceil(wait) end
local pressed = level[4] >= tonumber(ARGV[11])
for i, key in ipairs(KEYS) do
  local count, free, first, longest = level[i] + 1, tonumber(ARGV[3 * i - 1]), 1000, tonumber(ARGV[3 * i + 1])
  if i == 1 and pressed then free, first = 1, tonumber(ARGV[14]) end
  local delay = 0
  if count >= free then delay = math.min(longest, first * 2 ^ math.min(count - free, 30)) end
  -- Without a delay there is nothing to wait for, also for a request that came in a moment earlier.
  if delay > 0 then ends[i] = now + math.ceil(delay) end
  redis.call('HSET', key, 'level', count, 'at', at[i], 'until', ends[i])
  redis.call('PEXPIRE', key, math.ceil(math.max(count * tonumber(ARGV[3 * i]), delay)) + 1000)
end
return 0
