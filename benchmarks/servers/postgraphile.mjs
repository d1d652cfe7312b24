// The peer: PostGraphile 5 over the same tables, with persisted operations, its error swallowing and GraphiQL off.
// BENCH_PEERS is the folder that its packages were installed into, BENCH_OPERATIONS a JSON object of documents by name.
import { createRequire } from "node:module";
import { createServer } from "node:http";

const from = createRequire(`${process.env.BENCH_PEERS}/package.json`);
const { postgraphile } = from("postgraphile");
const { PostGraphileAmberPreset } = from("postgraphile/presets/amber");
const { makePgService } = from("postgraphile/adaptors/pg");
const { jsonPgSmartTags } = from("postgraphile/utils");
const { grafserv } = from("postgraphile/grafserv/node");
const { PersistedPlugin } = from("@grafserv/persisted");

const operations = JSON.parse(process.env.BENCH_OPERATIONS);
const owned = { tags: { foreignKey: "(customer_id) references customers (id)" } };
const tagged = { tags: { foreignKey: ["(customer_id) references customers (id)", "(tag_id) references tags (id)"] } };

const preset = {
  extends: [PostGraphileAmberPreset],
  plugins: [PersistedPlugin, jsonPgSmartTags({ version: 1, config: { class: { identities: owned, orders: owned, tag_assignments: tagged } } })],
  // Relations and filters are wanted on columns that other plans of ours don't index.
  disablePlugins: ["PgIndexBehaviorsPlugin"],
  pgServices: [makePgService({ connectionString: process.env.BENCH_DATABASE_URL, schemas: ["public"], poolConfig: { min: 10, max: 10 } })],
  grafserv: {
    graphiql: false,
    watch: false,
    persistedOperations: operations,
    hashFromPayload: (request) => request.documentId,
  },
};

const instance = postgraphile(preset);
const served = instance.createServ(grafserv);
const server = createServer();
server.on("error", (error) => {
  console.error(error);
  process.exit(1);
});
await served.addTo(server);
server.listen(Number(process.env.PORT), "127.0.0.1");
process.on("SIGTERM", () => process.exit(0));
