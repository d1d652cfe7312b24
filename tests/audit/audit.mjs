// Runs the audits of graphql-http against URL, with TOKEN, and prints the results as JSON.
import { serverAudits } from "graphql-http";

const { URL: url, TOKEN: token } = process.env;
const fetchFn = (to, init = {}) => fetch(to, { ...init, headers: { ...init.headers, authorization: `Bearer ${token}` } });
const results = [];
for (const audit of serverAudits({ url, fetchFn })) {
  const { status, reason } = await audit.fn();
  results.push({ id: audit.id, name: audit.name, status, reason });
}
console.log(JSON.stringify(results));
