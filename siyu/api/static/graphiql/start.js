"use strict";
// The secrets stay in this page's memory: a reload asks again, and nothing is written to the browser's storage.
let secret = "";
let refreshToken = "";
let refreshing = null;
const form = document.getElementById("sign-in");
const said = form.querySelector("output");

function post(body) {
  const headers = { "content-type": "application/json", accept: "application/graphql-response+json, application/json" };
  if (secret) headers.authorization = `Bearer ${secret}`;
  return fetch("/graphql", { method: "POST", headers, body: JSON.stringify(body) });
}

async function take(field, query, input) {
  secret = "";
  const answer = await (await post({ query, variables: { input } })).json();
  const problem = (answer.errors || answer.data[field].userErrors)[0];
  if (problem) throw new Error(problem.message);
  secret = answer.data[field].accessToken;
  refreshToken = answer.data[field].refreshToken;
}

const signIn = (email, password) =>
  take(
    "staffLogin",
    "mutation SignIn($input: StaffLoginInput!) { staffLogin(input: $input) { accessToken refreshToken userErrors { message } } }",
    { email, password },
  );

const stay = () =>
  take(
    "staffRefresh",
    "mutation Stay($input: StaffRefreshInput!) { staffRefresh(input: $input) { accessToken refreshToken userErrors { message } } }",
    { refreshToken },
  );

async function send(body) {
  let answer = await post(body);
  if (answer.status === 401 && refreshToken) {
    refreshing = refreshing || stay().finally(() => (refreshing = null));
    await refreshing;
    answer = await post(body);
  }
  return answer.json();
}

const memory = new Map();
const storage = {
  get length() { return memory.size; },
  getItem: (key) => (memory.has(key) ? memory.get(key) : null),
  setItem: (key, value) => memory.set(key, value),
  removeItem: (key) => memory.delete(key),
  clear: () => memory.clear(),
};

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  said.value = "";
  secret = refreshToken = "";
  const fields = new FormData(form);
  try {
    secret = fields.get("token").trim();
    if (!secret) await signIn(fields.get("email"), fields.get("password"));
    const viewer = await send({ query: "{ viewer { name } }" });
    if (viewer.errors) throw new Error(viewer.errors[0].message);
    form.reset();
    form.replaceChildren(Object.assign(document.createElement("strong"), { textContent: `Siyu: ${viewer.data.viewer.name}` }));
    ReactDOM.createRoot(document.getElementById("graphiql")).render(
      React.createElement(GraphiQL, {
        fetcher: send,
        storage,
        defaultQuery: "{\n  customers(first: 3) {\n    totalCount\n    nodes {\n      id\n      displayName\n    }\n  }\n}\n",
      }),
    );
  } catch (problem) {
    secret = refreshToken = "";
    said.value = problem.message;
  }
});
