-- Hands feeds that are due to one poller, until the lease runs out. What it hands out here keeps the poller alive; feeds that a poller
-- which no longer lives had in hand are due at once, and so are those that this one was given and does not know of.
-- KEYS: due, leases, pollers. ARGV: now (ms), lease until (ms), how many at most, token, how long a poller lives after this (ms),
-- '1' if the feeds that follow are all that it has in hand, those feeds. Returns the feeds.
local time = redis.call('TIME')
local clock = time[1] * 1000 + math.floor(time[2] / 1000)
local token = ARGV[4]
redis.call('ZADD', KEYS[3], clock + ARGV[5], token)
redis.call('ZREMRANGEBYSCORE', KEYS[3], '-inf', '(' .. clock)
-- Whoever says to live beyond what a beat gives said so before the clock was set back.
for _, name in ipairs(redis.call('ZRANGEBYSCORE', KEYS[3], '(' .. (clock + ARGV[5]), '+inf')) do
  redis.call('ZADD', KEYS[3], clock + ARGV[5], name)
end
local alive, held = {}, {}
for _, name in ipairs(redis.call('ZRANGE', KEYS[3], 0, -1)) do alive[name] = true end
for place = 7, #ARGV do held[ARGV[place]] = true end
local leases = redis.call('HGETALL', KEYS[2])
for place = 1, #leases, 2 do
  local feed, holder = leases[place], leases[place + 1]
  if not alive[holder] or (holder == token and ARGV[6] == '1' and not held[feed]) then
    redis.call('ZADD', KEYS[1], 'XX', ARGV[1], feed)
    redis.call('HDEL', KEYS[2], feed)
  end
end
local feeds = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', ARGV[1], 'LIMIT', 0, tonumber(ARGV[3]))
for _, feed in ipairs(feeds) do
  redis.call('ZADD', KEYS[1], ARGV[2], feed)
  redis.call('HSET', KEYS[2], feed, token)
end
return feeds
