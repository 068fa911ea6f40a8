// Says while a party is being typed which parties of the register have a similar name. Without this script the warning
// comes after saving.
"use strict";

{
  const note = document.querySelector("[data-party-likeness]");
  const form = note?.closest("form");
  const NAMES = 'input[name="name"], input[name="short_name"], input[name^="names-"][name$="-name"]';
  const TELLING = `${NAMES}, select[name="country"]`;
  let asked = "";
  let request = new AbortController();
  let pause;

  const known = () => [
    ...[...form.querySelectorAll(NAMES)]
      .filter((input) => !input.name.includes("__prefix__") && input.value.trim())
      .map((input) => ["name", input.value.trim()]),
    ["country", form.querySelector('select[name="country"]')?.value ?? ""],
    ["of", note.dataset.of],
  ];

  const ask = async () => {
    const query = new URLSearchParams(known()).toString();
    if (query === asked) {
      return;
    }
    asked = query;
    request.abort();
    request = new AbortController();
    try {
      const answer = await fetch(`${note.dataset.partyLikeness}?${query}`, { signal: request.signal });
      // if the login has ended, the request is redirected to the login page
      if (answer.ok && !answer.redirected) {
        note.innerHTML = await answer.text();
      }
    } catch {
      // nobody is waiting for it, and the warning comes again after saving
    }
  };

  const askSoon = (event) => {
    if (event.target.matches?.(TELLING)) {
      clearTimeout(pause);
      pause = setTimeout(ask, 400);
    }
  };

  if (note) {
    asked = document.querySelector(".errornote") ? "" : new URLSearchParams(known()).toString();
    form.addEventListener("input", askSoon);
    form.addEventListener("change", askSoon);
    // Select2 fields trigger only jQuery events
    window.django?.jQuery(form).on("change", askSoon);
  }
}
