// A day of one visitor, told by the real client to HOST with KEY; with GZIP=1 its bodies are packed. Prints what was answered.
import { gzipSync } from "node:zlib";
import { Analytics } from "@segment/analytics-node";

const { HOST: host, KEY: writeKey, GZIP: gzip } = process.env;
const answers = [];

const httpClient = {
  async makeRequest({ url, method, headers, body }) {
    const packed = gzip ? { body: gzipSync(body), headers: { ...headers, "Content-Encoding": "gzip" } } : { body, headers };
    const response = await fetch(url, { method, ...packed });
    answers.push({ status: response.status, ...(await response.clone().json()) });
    return response;
  },
};

const analytics = new Analytics({ writeKey, host, flushAt: 3, flushInterval: 250, maxRetries: 0, httpClient });
const errors = [];
analytics.on("error", (error) => errors.push(`${error.code} ${error.reason ?? ""}`));

const sent = (call, message) => new Promise((resolve) => analytics[call](message, resolve));

// A stranger looks around, then says who they are.
await Promise.all([
  sent("page", { anonymousId: "visitor-1", name: "Home", properties: { url: "https://shop.example/?token=1", path: "/" } }),
  sent("track", { anonymousId: "visitor-1", event: "Product Viewed", properties: { sku: "tea-1", price: 12.5 } }),
  sent("screen", { anonymousId: "visitor-1", name: "Basket" }),
]);
await Promise.all([
  sent("identify", {
    userId: "user-1",
    anonymousId: "visitor-1",
    traits: { email: "Ada@Example.com", firstName: "Ada", lastName: "Lovelace", birthday: "1990-12-10", address: { city: "Shanghai" } },
  }),
  sent("track", { userId: "user-1", event: "Order Completed", properties: { total: 99 } }),
  sent("group", { userId: "user-1", groupId: "club-7", traits: { name: "Tea club" } }),
]);
// They had an old account's visitor id, too.
await sent("track", { anonymousId: "visitor-0", event: "Newsletter Opened" });
await sent("alias", { userId: "user-1", previousId: "visitor-0" });
await analytics.closeAndFlush();
console.log(JSON.stringify({ answers, errors }));
