-- Commits a poll: new articles and new versions, the feed's state, its next due time, events about the feed. All or nothing.
-- KEYS: due, leases, feed, seen, articles, feeds. ARGV: feed id, token, next due (ms), JSON of {state, articles, events, first, present, day,
-- days}.
-- articles: list of {id, content, marks, fields (map)}; a mark names the article that had it last. present: ids of
-- all articles in the feed, if it was read. Once a day (day: its number) what has not been among them for so many days is forgotten, with its
-- marks: an article that is no longer in the feed has the day since when as a fourth word.
-- Returns {new, changed}, or {-1, 0} when the lease has gone to somebody else.
if redis.call('HGET', KEYS[2], ARGV[1]) ~= ARGV[2] then
  return {-1, 0}
end
local poll = cjson.decode(ARGV[4])
local news, changed = {}, 0
for _, article in ipairs(poll.articles) do
  local seen = redis.call('HGET', KEYS[4], article.id)
  local version, content, first = 0, '', article.fields.fetched_at
  if seen then
    version, content, first = string.match(seen, '^(%d+) (%S+) (%S+)')
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
if poll.present and redis.call('HGET', KEYS[4], 'swept') ~= tostring(poll.day) then
  redis.call('HSET', KEYS[4], 'swept', tostring(poll.day))
  local present, gone = {}, {}
  for _, id in ipairs(poll.present) do present[id] = true end
  local all = redis.call('HGETALL', KEYS[4])
  for i = 1, #all, 2 do
    local kept, since = string.match(all[i + 1], '^(%d+ %S+ %S+) ?(%d*)$')
    if kept and present[all[i]] then
      if since ~= '' then redis.call('HSET', KEYS[4], all[i], kept) end
    elseif kept and since == '' then
      redis.call('HSET', KEYS[4], all[i], kept .. ' ' .. poll.day)
    elseif kept and poll.day - tonumber(since) >= poll.days then
      redis.call('HDEL', KEYS[4], all[i])
      gone[all[i]] = true
    end
  end
  for i = 1, #all, 2 do
    if gone[all[i + 1]] then redis.call('HDEL', KEYS[4], all[i]) end
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
