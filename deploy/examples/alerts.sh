#!/bin/sh
# Shows where a story's claims stand, then its alerts: those still kept first, then each as it comes. Needs redis-cli 7 and jq.
#
#   alerts.sh STORY [PLACE]      PLACE: file that keeps how far this has read; without it every start begins at the beginning
#   REDIS_HOST, REDIS_PORT       the server (127.0.0.1, 6379); a password goes into REDISCLI_AUTH, where no process list shows it
#
# Every alert at least once and in order. The place is kept after alerts were printed, so some may be printed twice when this is
# killed in between: they have the same id. A lost server is waited for.
set -eu
story=${1:?usage: alerts.sh STORY [PLACE]} place_file=${2:-/dev/null}
server() { redis-cli --json -e -h "${REDIS_HOST:-127.0.0.1}" -p "${REDIS_PORT:-6379}" "$@"; }

# What articles say goes to a terminal without its control characters. The braces are part of the keys.
clean='def clean: gsub("\\p{C}"; " ");'
server hgetall "monitor:{$story}:state" | jq -r "$clean"'
    .[] | fromjson | "\(.claim): \(.status)\([.positions[] | ", \(.party) \(.stance)"] | join(""))" | clean'

place=$(cat "$place_file" 2>/dev/null || :)
place=${place:-0}
while :; do
    entries=$(server xread count 100 block 5000 streams "monitor:{$story}:alerts" "$place") || { sleep 1; continue; }
    [ "$entries" != null ] || continue # nothing for five seconds

    # An entry is [place, [field, value, field, value …]].
    printf '%s\n' "$entries" | jq -r "$clean"'
        .[][] | .[1] as $f | [range(0; $f | length; 2) | {($f[.]): $f[. + 1]}] | add | (.data | fromjson) as $alert
        | "\(.severity) \(.summary) “\($alert.quote)” \($alert.url) [\(.id)]" | clean'
    place=$(printf '%s\n' "$entries" | jq -r '.[][-1][0]')
    printf '%s\n' "$place" > "$place_file"
done
