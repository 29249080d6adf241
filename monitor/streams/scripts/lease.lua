-- Hands feeds that are due to one poller, until the lease runs out.
-- KEYS: due, leases. ARGV: now (ms), lease until (ms), how many at most, token. Returns the feeds.
local feeds = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', ARGV[1], 'LIMIT', 0, tonumber(ARGV[3]))
for _, feed in ipairs(feeds) do
  redis.call('ZADD', KEYS[1], ARGV[2], feed)
  redis.call('HSET', KEYS[2], feed, ARGV[4])
end
return feeds
