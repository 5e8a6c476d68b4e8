// node drive.mjs <address>: makes each call that a line of its input describes, and prints what was answered.
import { createInterface } from "node:readline";
import createClient from "openapi-fetch";

const baseUrl = process.argv[2];

function asForm(body) {
  const form = new FormData();
  for (const [name, value] of Object.entries(body)) {
    if (name === "file") form.append(name, new Blob([value], { type: "text/plain" }), "annex.txt");
    else form.append(name, value);
  }
  return form;
}

for await (const line of createInterface({ input: process.stdin })) {
  const { method, path, token, options } = JSON.parse(line);
  const client = createClient({ baseUrl, headers: token ? { Authorization: token } : {} });
  const serializer = options.body?.file === undefined ? {} : { bodySerializer: asForm };
  // Bodies with a key are forms: the client writes them so when it is told.
  const headers = options.body?.api_key === undefined ? {} : { "Content-Type": "application/x-www-form-urlencoded" };
  const { data, error, response } = await client[method](path, { ...options, ...serializer, headers });
  console.log(JSON.stringify({ status: response.status, json: data ?? error }));
}
