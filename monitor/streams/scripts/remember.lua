-- Remembers versions of articles that came otherwise than by a poll, so that a poll that brings them finds nothing new.
-- KEYS: seen. ARGV: JSON list of {id, version, content, first seen, marks}. What is known of a later version stays.
for _, article in ipairs(cjson.decode(ARGV[1])) do
  local seen = redis.call('HGET', KEYS[1], article[1])
  local version, first = 0, article[4]
  if seen then
    version, _, first = string.match(seen, '^(%d+) (%S+) (%S+)')
    version = tonumber(version)
  end
  if article[2] > version then
    redis.call('HSET', KEYS[1], article[1], article[2] .. ' ' .. article[3] .. ' ' .. first)
    for _, mark in ipairs(article[5]) do
      redis.call('HSET', KEYS[1], mark, article[1])
    end
  end
end
return 1
