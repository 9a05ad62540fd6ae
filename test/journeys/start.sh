#!/usr/bin/env bash
# A newcomer's first minutes: `npm start`, the three lines that it prints, a generated client, the guide's ten lines of events, starting again, Ctrl-C. Nothing may
# warn or stay behind.
set -euo pipefail
cd "$(dirname "$0")/../.."
export PORT="${PORT:-8791}" STATE_DIR
STATE_DIR="$(mktemp -d)"
LOG="$STATE_DIR/start.log"

start() {
  setsid npm start >"$LOG" 2>&1 &
  GROUP=$!
  for _ in $(seq 120); do
    grep -q 'Try, in another terminal' "$LOG" && return
    sleep 0.5
  done
  cat "$LOG"
  exit 1
}

stop() {
  kill -INT -- "-$GROUP" 2>/dev/null || true
  for _ in $(seq 20); do
    pgrep -f "persist-to $STATE_DIR" >/dev/null || return 0
    sleep 0.5
  done
  echo "FAILED: a process stayed behind"
  pgrep -af "persist-to $STATE_DIR"
  exit 1
}

expect() {
  if ! grep -q "$2" <<<"$3"; then
    echo "FAILED: $1: no $2 in: $3"
    exit 1
  fi
  echo "ok: $1"
}

trap 'kill -KILL -- "-$GROUP" 2>/dev/null || true; rm -rf "$STATE_DIR"' EXIT
start
if grep -i warn "$LOG"; then
  echo "FAILED: start warns"
  exit 1
fi
mapfile -t LINES < <(grep -E '^  (printf|curl) ' "$LOG")
expect "a file is previewed" '"row_count":1' "$(bash -c "${LINES[0]}")"
expect "an import starts" '"status":"queued"' "$(bash -c "${LINES[1]}")"
for _ in $(seq 20); do
  FOUND="$(bash -c "${LINES[2]}")"
  grep -q lead_id <<<"$FOUND" && break
  sleep 0.5
done
expect "a lead is found by its phone" '"email":"alex@example.com"' "$FOUND"
npm exec --no -- node test/journeys/generated-client.ts "http://127.0.0.1:$PORT"
npm exec --no -- node test/journeys/raw-bodies.ts "$PORT"
# rules, a milestone, three events, a listener: as the guide prints them
EVENTS="$(sed -n '/<!-- journey: events -->/,/^```$/p' src/http/docs/guides/events-and-scoring.md | sed '1,2d;$d' | sed "s/:8787/:$PORT/g; s/,60000)/,12000)/")"
RECEIVED="$(bash -c "$EVENTS")"
expect "three events fire a signed webhook" 'v1,[A-Za-z0-9+/]*=' "$RECEIVED"
expect "the webhook names the milestone" '"type":"milestone.fired".*"score":30' "$RECEIVED"
expect "the lead leads the ranking" '{"leads":\[{"lead_id":"ld_[0-9a-f]*","score":30' "$RECEIVED"
stop
echo "ok: Ctrl-C leaves no process behind"
start
expect "starting again keeps the data" '"email":"alex@example.com"' "$(bash -c "${LINES[2]}")"
# npm start is killed, its server lives on and holds the port
kill -KILL -- "-$GROUP"
start
expect "the server that a killed start left behind is ended" 'it has been ended' "$(cat "$LOG")"
expect "the next one keeps the data, too" '"email":"alex@example.com"' "$(bash -c "${LINES[2]}")"
stop
