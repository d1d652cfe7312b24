"use strict";
// The secret is in the fragment, which browsers never send: it stays out of every log.
const token = location.hash.slice(1);
history.replaceState(null, "", location.pathname);
const form = document.getElementById("sign-in");
const said = form.querySelector("output");

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const query = "mutation Accept($input: StaffInviteAcceptInput!) { staffInviteAccept(input: $input) { userErrors { message } } }";
  const password = new FormData(form).get("password");
  const answer = await fetch("/graphql", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ query, variables: { input: { token, password } } }),
  }).then((response) => response.json());
  const problem = (answer.errors || answer.data.staffInviteAccept.userErrors)[0];
  said.value = problem ? problem.message : "Done. You can sign in now.";
  if (!problem) form.reset();
});
