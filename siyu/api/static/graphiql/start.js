"use strict";
// The secret stays in this page's memory: a reload asks again, and nothing is written to the browser's storage.
let secret = "";
const form = document.getElementById("sign-in");
const said = form.querySelector("output");

async function send(body) {
  const headers = { "content-type": "application/json", accept: "application/graphql-response+json, application/json" };
  if (secret) headers.authorization = `Bearer ${secret}`;
  const answer = await fetch("/graphql", { method: "POST", headers, body: JSON.stringify(body) });
  return answer.json();
}

async function signIn(email, password) {
  const query = "mutation SignIn($input: StaffLoginInput!) { staffLogin(input: $input) { accessToken userErrors { message } } }";
  const answer = await send({ query, variables: { input: { email, password } } });
  const problem = (answer.errors || answer.data.staffLogin.userErrors)[0];
  if (problem) throw new Error(problem.message);
  return answer.data.staffLogin.accessToken;
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
  secret = "";
  const fields = new FormData(form);
  try {
    secret = fields.get("token").trim() || (await signIn(fields.get("email"), fields.get("password")));
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
    secret = "";
    said.value = problem.message;
  }
});
