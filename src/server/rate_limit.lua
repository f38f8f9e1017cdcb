-- KEYS: pair, address, network, account.  ARGV: now in ms, then for each key: free attempts, ms in which one attempt is
-- forgotten, longest delay in ms; last the first delay in ms when the account is under pressure.
-- Answers how long to wait in ms; 0 means that the attempt may be made, and was counted.
local now, wait, level = tonumber(ARGV[1]), 0, {}
for i, key in ipairs(KEYS) do
  local stored = redis.call('HMGET', key, 'level', 'at', 'until')
  local forgotten = (now - (tonumber(stored[2]) or now)) / tonumber(ARGV[3 * i])
  level[i] = math.max(0, (tonumber(stored[1]) or 0) - forgotten)
  wait = math.max(wait, (tonumber(stored[3]) or 0) - now)
end
if wait > 0 then return math.ceil(wait) end
local pressed = level[4] >= tonumber(ARGV[11])
for i, key in ipairs(KEYS) do
  local count, free, first, longest = level[i] + 1, tonumber(ARGV[3 * i - 1]), 1000, tonumber(ARGV[3 * i + 1])
  if i == 1 and pressed then free, first = 1, tonumber(ARGV[14]) end
  local delay = 0
  if count >= free then delay = math.min(longest, first * 2 ^ math.min(count - free, 30)) end
  redis.call('HSET', key, 'level', count, 'at', now, 'until', now + math.ceil(delay))
  redis.call('PEXPIRE', key, math.ceil(math.max(count * tonumber(ARGV[3 * i]), delay)) + 1000)
end
return 0
