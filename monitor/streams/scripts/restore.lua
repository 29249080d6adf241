-- Puts articles back that the server has lost. KEYS: seen, feed, articles. ARGV: feed URL, JSON list of {id, version, content, first seen,
-- marks, when it was fetched (ms), fields (flat list)}, when the last of them was fetched.
-- What the server has in that version or a later one is left alone. Entries get the time at which they were fetched as far as the
-- stream allows, so that they are trimmed when they would have been. Returns how many were put back.
local last = 0
if redis.call('EXISTS', KEYS[3]) == 1 then
  local info = redis.call('XINFO', 'STREAM', KEYS[3])
  for i = 1, #info, 2 do
    if info[i] == 'last-generated-id' then last = tonumber(string.match(info[i + 1], '^(%d+)-')) end
  end
end
local count = 0
for _, article in ipairs(cjson.decode(ARGV[2])) do
  local id, version, content, first, marks, at, fields = unpack(article)
  local seen = redis.call('HGET', KEYS[1], id)
  local known = 0
  if seen then
    known, _, first = string.match(seen, '^(%d+) (%S+) (%S+)')
    known = tonumber(known)
  end
  if version > known then
    redis.call('HSET', KEYS[1], id, version .. ' ' .. content .. ' ' .. first)
    for _, mark in ipairs(marks) do
      redis.call('HSET', KEYS[1], mark, id)
    end
    last = math.max(last, at)
    redis.call('XADD', KEYS[3], string.format('%.0f-*', last), unpack(fields))
    count = count + 1
  end
end
-- Its next poll is not its first: what that brings is news, and no old entries to be summed up.
if ARGV[1] ~= '' then
  redis.call('HSETNX', KEYS[2], 'polled', '1')
  redis.call('HSETNX', KEYS[2], 'url', ARGV[1])
  -- What the feed said before is older than what is known of it now.
  local polled = redis.call('HGET', KEYS[2], 'last_poll') or ''
  if ARGV[3] > polled then redis.call('HSET', KEYS[2], 'last_poll', ARGV[3]) end
end
return count
