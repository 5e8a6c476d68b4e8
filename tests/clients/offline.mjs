// Runs report.js: sends a report and a picture and follows the list, with a network that breaks at each request once.
import { City, PART } from "./report.mjs";

const [url, token, picture] = process.argv.slice(2);
const { readFileSync } = await import("node:fs");
const bytes = new Uint8Array(readFileSync(picture));
const stored = new Map();
const store = {
  get: (name) => (stored.has(name) ? JSON.parse(stored.get(name)) : null),
  set: (name, value) => (value === null ? stored.delete(name) : stored.set(name, JSON.stringify(value))),
};
const sent = [];
const broken = new Set();

// The first time, each request arrives and its answer is lost; a part of a picture arrives to its half.
async function fetchOnABadNetwork(address, { method, headers, body }) {
  const { pathname, searchParams } = new URL(address);
  const answer = await fetch(address, { method, headers, body });
  sent.push({
    method,
    path: pathname,
    query: [...searchParams.keys()],
    headers: Object.keys(headers),
    body: headers["Content-Type"] === "application/json" ? Object.keys(JSON.parse(body)) : null,
    key: headers["Idempotency-Key"] ?? null,
    status: answer.status,
  });
  const what = `${method} ${pathname.split("/").slice(0, 3).join("/")} ${headers["Upload-Offset"] ?? ""}`;
  if (!broken.has(what)) {
    broken.add(what);
    throw new TypeError("fetch failed");
  }
  return answer;
}

async function untilDone(work) {
  for (let tries = 0; tries < 20; tries += 1) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof TypeError)) throw error;
    }
  }
  throw new Error("never done");
}

const city = new City({ url, token, store, fetch: fetchOnABadNetwork });
const key = city.queue({ channel: "zalo", kind: "on_site", content: "Đèn đường hỏng ba đêm liền" });
const [receipt] = await untilDone(() => city.send());
const attachment = await untilDone(() => city.attach(receipt.code, bytes, "lamp.jpg"));
let kept = {};
for (let asked = 0; !(receipt.code in kept) && asked < 600; asked += 1) {
  kept = await untilDone(() => city.follow());
  await new Promise((resolve) => setTimeout(resolve, 50)); // a change is told once every older transaction has ended
}
for (let asked = 0; sent.at(-1).status !== 304 && asked < 20; asked += 1) await city.follow();
console.log(JSON.stringify({ key, receipt, attachment, kept, sent, parts: Math.ceil(bytes.length / PART) }));
