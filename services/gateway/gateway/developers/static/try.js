"use strict";
// Sends one request with a test key. The key stays in the field it was typed into: neither address, storage nor log has it.
const form = document.getElementById("try");
const said = document.getElementById("answer");
const TEST_KEY = /^cchc_test_[\x21-\x7e]+$/;

function address() {
  const named = (where) => [...form.querySelectorAll(`[data-in=${where}]`)].filter((each) => each.value !== "");
  let path = form.dataset.path;
  for (const each of named("path")) {
    path = path.replace(`{${each.dataset.name}}`, encodeURIComponent(each.value));
  }
  const query = new URLSearchParams(named("query").map((each) => [each.dataset.name, each.value]));
  return query.size ? `${path}?${query}` : path;
}

function headers(key) {
  const given = { "X-API-Key": key };
  for (const each of form.querySelectorAll("[data-in=header]")) {
    if (each.value !== "") given[each.dataset.name] = each.value;
  }
  const body = form.elements.body;
  if (body) given["Content-Type"] = body.dataset.media;
  return given;
}

async function send() {
  const key = form.elements.key.value.trim();
  if (!TEST_KEY.test(key)) {
    said.textContent = "Chỉ dùng khóa thử, bắt đầu bằng cchc_test_ · Only a test key, which begins with cchc_test_";
    return;
  }
  said.textContent = "…";
  try {
    const answer = await fetch(address(), {
      method: form.dataset.method, headers: headers(key), body: form.elements.body?.value,
      credentials: "omit", cache: "no-store", referrerPolicy: "no-referrer",
    });
    const text = await answer.text();
    const head = [...answer.headers].map(([name, value]) => `${name}: ${value}`).join("\n");
    said.textContent = `${answer.status} ${answer.statusText}\n${head}\n\n${pretty(text)}`;
  } catch (error) {
    said.textContent = `Không gửi được · Not sent: ${error.message}`;
  }
}

function pretty(text) {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  send();
});
