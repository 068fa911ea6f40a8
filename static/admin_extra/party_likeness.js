// Says while a party is being typed which parties of the register have a similar name. Without this script the warning
// comes after saving.
"use strict";

{
  const note = document.querySelector("[data-party-likeness]");
  const form = note?.closest("form");
  const NAMES = 'input[name="name"], input[name="short_name"], input[name^="names-"][name$="-name"]';
  const TELLING = `${NAMES}, select[name="country"]`;
  let pause;

  const known = () => [
    ...[...form.querySelectorAll(NAMES)]
      .filter((input) => !input.name.includes("__prefix__") && input.value.trim())
      .map((input) => ["name", input.value.trim()]),
    ["country", form.querySelector('select[name="country"]')?.value ?? ""],
    ["of", note.dataset.of],
  ];

  const show = (said) => {
    note.innerHTML = said;
  };

  if (note) {
    const { ask } = window.askingLikeness(note.dataset.partyLikeness, { known, show });
    const askSoon = (event) => {
      if (event.target.matches?.(TELLING)) {
        clearTimeout(pause);
        pause = setTimeout(ask, 400);
      }
    };
    form.addEventListener("input", askSoon);
    form.addEventListener("change", askSoon);
    // Select2 fields trigger only jQuery events
    window.django?.jQuery(form).on("change", askSoon);
  }
}
