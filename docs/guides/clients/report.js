// A citizen's app that is seldom on the network: Zalo mini-app, browser or Node, without any package.
//
//   const city = new City({ url, token, store });
//   city.queue({ channel: "zalo", kind: "on_site", content: "Đèn đường hỏng" });  // offline
//   await city.send();  await city.attach(code, bytes);  await city.follow();     // whenever there is a network
//
// `store` has get(name) and set(name, value): `getStorage` and `setStorage` of zmp-sdk, or localStorage, behind a line
// each. What is in it survives the app; `fetch` may be given, and throws when there is no network.

export const PART = 256 * 1024;

export class City {
  constructor({ url, token, store, fetch = globalThis.fetch, app = "mini-app/1.0.0" }) {
    Object.assign(this, { url, store, fetch, own: { Authorization: `Bearer ${token}`, "X-Client": app } });
  }

  // The key is made with the report, and goes wherever the report goes: however often it is sent, it is one report.
  queue(report) {
    const key = keyOfNow();
    this.store.set("queue", [...(this.store.get("queue") ?? []), { key, report }]);
    return key;
  }

  // Sends what waits, the oldest first. Throws when the network does; then it waits on. What the city refuses is
  // returned with its problem and waits no more: people have to see it.
  async send() {
    const done = [];
    for (let queue; (queue = this.store.get("queue") ?? []).length; this.store.set("queue", queue.slice(1))) {
      const { key, report } = queue[0];
      const answer = await this.call("POST", "/v1/feedback", {
        headers: { "Content-Type": "application/json", "Idempotency-Key": key },
        body: JSON.stringify(report),
      });
      if (answer.status >= 500 || answer.status === 429) throw new Error(`later: ${answer.status}`);
      done.push(await answer.json());
    }
    return done;
  }

  // A picture in parts. Called again with the same name after a break, it goes on where the city has stopped.
  async attach(report, bytes, name) {
    const kept = `upload ${report} ${name}`;
    let at = this.store.get(kept);
    let offset = 0;
    if (at) {
      const there = await this.call("HEAD", at, { headers: { "Tus-Resumable": "1.0.0" } });
      if (there.headers.get("Content-Location")) return this.attached(kept, there); // only its answer was lost
      if (there.ok) offset = Number(there.headers.get("Upload-Offset"));
      else at = null; // its day is over: it begins anew
    }
    if (!at) {
      const words = [["report", report], ["purpose", "before"]].map(([word, value]) => `${word} ${btoa(value)}`);
      const begun = await this.call("POST", "/v1/uploads", {
        headers: { "Tus-Resumable": "1.0.0", "Upload-Length": `${bytes.length}`, "Upload-Metadata": words.join(",") },
      });
      if (!begun.ok) throw new Error((await begun.json()).detail);
      at = begun.headers.get("Location");
      this.store.set(kept, at);
    }
    for (;;) {
      const part = await this.call("PATCH", at, {
        headers: {
          "Content-Type": "application/offset+octet-stream",
          "Tus-Resumable": "1.0.0",
          "Upload-Offset": `${offset}`,
        },
        body: bytes.slice(offset, offset + PART),
      });
      if (!part.ok) throw new Error((await part.json()).detail); // the city has refused the picture
      offset = Number(part.headers.get("Upload-Offset"));
      if (part.headers.get("Content-Location")) return this.attached(kept, part);
    }
  }

  attached(kept, answer) {
    this.store.set(kept, null);
    return answer.headers.get("Content-Location");
  }

  // What has changed of the own reports since the last time: kept is a copy of the list, by code.
  async follow() {
    for (;;) {
      const { since = "start", tag, kept = {} } = this.store.get("list") ?? {};
      const answer = await this.call("GET", `/v1/feedback?mine=true&view=brief&since=${since}`, {
        headers: tag ? { "If-None-Match": tag } : {},
      });
      if (answer.status === 304) return kept;
      if (answer.status === 410) {
        this.store.set("list", null); // too old, or after a restore: read anew
        continue;
      }
      if (!answer.ok) throw new Error(`later: ${answer.status}`);
      const page = await answer.json();
      for (const report of page.brief) kept[report.code] = report;
      for (const code of page.gone) delete kept[code];
      // The tag is of this question: it says nothing of the next one, which asks with another `since`.
      const same = page.since === since;
      this.store.set("list", { since: page.since, tag: same ? answer.headers.get("ETag") : null, kept });
      if (!page.more) return kept;
    }
  }

  call(method, path, { headers = {}, body } = {}) {
    return this.fetch(this.url + path, { method, headers: { ...this.own, ...headers }, body });
  }
}

// A UUID of version 7 says when it was made, so the city can say that it comes too late to be sure of (8 days).
function keyOfNow() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  const time = Date.now().toString(16).padStart(12, "0");
  const random = [...bytes].map((each) => each.toString(16).padStart(2, "0")).join("");
  return `${time.slice(0, 8)}-${time.slice(8)}-7${random.slice(0, 3)}-8${random.slice(3, 6)}-${random.slice(6, 18)}`;
}
