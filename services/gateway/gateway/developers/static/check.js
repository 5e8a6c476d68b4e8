"use strict";
// Has a file of deliveries judged; it is not stored, neither here nor there.
const form = document.getElementById("check");
const summary = document.getElementById("summary");
const rows = document.getElementById("wrong");
const MOST_BYTES = 1_000_000;

function slug(heading) {
  return heading.toLowerCase().replace(/[^\p{L}\p{N} _-]/gu, "").replaceAll(" ", "-");
}

function cell(row, text, leads) {
  const made = row.insertCell();
  if (leads) {
    const link = document.createElement("a");
    link.href = leads;
    link.textContent = text;
    made.append(link);
  } else {
    made.textContent = text;
  }
}

function show(found) {
  summary.textContent = `${found.lines} dòng · lines, ${found.wrong.length} sai · wrong`;
  for (const each of found.wrong) {
    const row = rows.insertRow();
    const errors = each.problem.errors ?? [];
    cell(row, each.line);
    cell(row, each.problem.code, `/developers/guides/problems#problem-${each.problem.code}`);
    cell(row, errors.map((error) => error.field).join(", "));
    cell(row, errors.map((error) => error.message).join("; ") || each.problem.detail);
    cell(row, each.section, `/developers/guides/dossiers#${slug(each.section)}`);
  }
}

async function judge() {
  const file = form.elements.file.files[0] ?? new Blob([form.elements.lines.value]);
  rows.replaceChildren();
  if (file.size > MOST_BYTES) {
    summary.textContent = "Tối đa 1 MB · At most 1 MB";
    return;
  }
  summary.textContent = "…";
  try {
    const answer = await fetch("/v1/dossiers/checks", {
      method: "POST", headers: { "Content-Type": "application/x-ndjson" }, body: file,
      credentials: "omit", cache: "no-store", referrerPolicy: "no-referrer",
    });
    const said = await answer.json();
    if (answer.ok) show(said);
    else summary.textContent = `${answer.status} ${said.code}: ${said.detail}`;
  } catch (error) {
    summary.textContent = `Không gửi được · Not sent: ${error.message}`;
  }
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  judge();
});
