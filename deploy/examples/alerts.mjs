// Prints a story's alerts as one of a group that shares them: node alerts.mjs STORY [CONSUMER]. Needs `npm ci` in this folder.
//
// REDIS_URL names the server (redis://127.0.0.1:6379). Each alert comes at least once and to one of the group: it is acknowledged
// after it was handled, so one that was in hand when the program was killed comes again, with the same id. CONSUMER names the program
// within the group; it stays the same over restarts and is another for each that runs at the same time. A lost server is waited for.
import {hostname} from "node:os";
import {setTimeout as pause} from "node:timers/promises";
import {createClient} from "@redis/client";

const GROUP = "desk-js";
const BLOCK = 5000; // milliseconds that one read waits for something new
const [story, consumer = hostname()] = process.argv.slice(2);
if (!story) {
  console.error("usage: node alerts.mjs STORY [CONSUMER]");
  process.exit(2);
}
const stream = `monitor:{${story}}:alerts`; // the braces are part of the key

// What is to be done with an alert. If it throws, the alert is given again.
async function handle(entry) {
  const alert = JSON.parse(entry.data);
  const text = `${entry.severity} ${entry.summary} “${alert.quote}” ${alert.url} [${entry.id}]`;
  console.log(text.replace(/\p{C}/gu, " ")); // what articles say goes to a terminal without its control characters
}

const client = createClient({url: process.env.REDIS_URL, socket: {socketTimeout: 3 * BLOCK}});
client.on("error", (error) => console.error(error.message)); // it connects again by itself
await client.connect();

const handled = new Set(); // ids: an alert whose acknowledgement was lost is not handled twice
let place = "0"; // "0": what we were given before and did not acknowledge; ">": what nobody in the group was given yet
for (;;) {
  try {
    // Take over what another of the group was given a minute ago and did not acknowledge, and let go what was trimmed.
    if (place === "0") await client.xAutoClaim(stream, GROUP, consumer, 60_000, "0");
    const reply = await client.xReadGroup(GROUP, consumer, {key: stream, id: place}, {COUNT: 100, BLOCK});
    const entries = reply?.[0].messages ?? [];
    for (const {id, message} of entries) {
      if (!handled.has(message.id)) await handle(message);
      handled.add(message.id);
      await client.xAck(stream, GROUP, id);
    }
    if (entries.length > 0) continue;
    if (place === "0") handled.clear();
    place = place === "0" ? ">" : "0";
  } catch (error) {
    place = "0"; // a reply may have been lost: what it gave us stands as ours
    if (error.message.startsWith("NOGROUP")) {
      await client.xGroupCreate(stream, GROUP, "0", {MKSTREAM: true}).catch((other) => console.error(other.message));
    } else {
      console.error(error.message);
      await pause(1000);
    }
  }
}
