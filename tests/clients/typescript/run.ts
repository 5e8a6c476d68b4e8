// node run.ts <address> <citizen's token> <desk's token> <head's token> <unit>: prints the status it came to.
import { accept, client, submitAndAssign } from "./usage.ts";

declare const process: { argv: string[] };
const [, , address, citizen, desk, head, unit] = process.argv as [string, string, string, string, string, string, string];
const assigned = await submitAndAssign(client(address, citizen), client(address, desk), unit);
const accepted = await accept(client(address, head), assigned.code, '"2"');
console.log(accepted.status);
