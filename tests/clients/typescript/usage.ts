// How a team that writes TypeScript uses the contract: paths, bodies and answers are checked by the compiler.
import createClient from "openapi-fetch";
import type { components, operations, paths } from "./schema";

type Report = components["schemas"]["FeedbackOut"];
// The operations carry these names.
export type Submitted = operations["feedback.submit"];
export type Accepted = operations["feedback.accept"];
export type Approved = operations["tasks.approve"];

export function client(baseUrl: string, token: string) {
  return createClient<paths>({ baseUrl, headers: { Authorization: `Bearer ${token}` } });
}

type Client = ReturnType<typeof client>;

/** Submit a report and assign it to a unit; the report after it. */
export async function submitAndAssign(citizen: Client, desk: Client, unit: string): Promise<Report> {
  const submitted = await citizen.POST("/v1/feedback", {
    body: { channel: "ihanoi", kind: "on_site", content: "Đèn đường hỏng ba đêm liền" },
  });
  if (submitted.error) throw new Error(submitted.error.detail);
  const version = submitted.response.headers.get("ETag") ?? "";
  const assigned = await desk.POST("/v1/feedback/{code}/actions/assign", {
    params: { path: { code: submitted.data.code }, header: { "If-Match": version } },
    body: { unit },
  });
  if (assigned.error) throw new Error(`${assigned.error.code}: ${assigned.error.detail}`);
  return assigned.data;
}

/** An action without words needs no body. */
export async function accept(head: Client, code: string, version: string): Promise<Report> {
  const accepted = await head.POST("/v1/feedback/{code}/actions/accept", {
    params: { path: { code }, header: { "If-Match": version } },
  });
  if (accepted.error) throw new Error(`${accepted.error.code}: ${accepted.error.detail}`);
  return accepted.data;
}

export async function mistakes(desk: Client): Promise<void> {
  // @ts-expect-error there is no such channel
  await desk.POST("/v1/feedback", { body: { channel: "fax", kind: "on_site", content: "x" } });
  // @ts-expect-error the version that was seen must be named
  await desk.POST("/v1/feedback/{code}/actions/accept", { params: { path: { code: "PA-1" } } });
  // @ts-expect-error there is no such path
  await desk.GET("/v1/nothing");
}
