-- Commits a poll: new articles and new versions, the feed's state, its next due time, events about the feed. All or nothing.
-- KEYS: due, leases, feed, seen, articles, feeds. ARGV: feed id, token, next due (ms), JSON of {state, articles, events, first}.
-- articles: list of {id, content, marks, fields (map)}; a mark names the article that had it last. Returns {new, changed}, or {-1, 0} when the lease has gone to somebody else.
if redis.call('HGET', KEYS[2], ARGV[1]) ~= ARGV[2] then
  return {-1, 0}
end
local poll = cjson.decode(ARGV[4])
local news, changed = {}, 0
for _, article in ipairs(poll.articles) do
  local seen = redis.call('HGET', KEYS[4], article.id)
  local version, content, first = 0, '', article.fields.fetched_at
  if seen then
    version, content, first = string.match(seen, '^(%d+) (%S+) (%S+)$')
    version = tonumber(version)
  end
  if content ~= article.content then
    if seen then
      changed = changed + 1
      -- An undated entry keeps the time at which it was first seen.
      if article.fields.published_at == article.fields.fetched_at then
        article.fields.published_at = first
      end
    end
    article.fields.version = tostring(version + 1)
    redis.call('HSET', KEYS[4], article.id, (version + 1) .. ' ' .. article.content .. ' ' .. first)
    for _, mark in ipairs(article.marks) do
      redis.call('HSET', KEYS[4], mark, article.id)
    end
    news[#news + 1] = article.fields
  end
end
for place, fields in ipairs(news) do
  local flat = {}
  for name, value in pairs(fields) do
    flat[#flat + 1] = name
    flat[#flat + 1] = value
  end
  if poll.first then
    for _, value in ipairs({'batch', ARGV[1], 'batch_place', tostring(place), 'batch_count', tostring(#news)}) do
      flat[#flat + 1] = value
    end
  end
  redis.call('XADD', KEYS[5], '*', unpack(flat))
end
for _, event in ipairs(poll.events) do
  redis.call('XADD', KEYS[6], '*', unpack(event))
end
for name, value in pairs(poll.state) do
  redis.call('HSET', KEYS[3], name, value)
end
redis.call('ZADD', KEYS[1], ARGV[3], ARGV[1])
redis.call('HDEL', KEYS[2], ARGV[1])
return {#news - changed, changed}
