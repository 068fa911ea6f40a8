// Warns while an agreement is being entered that the register may already have it: in the card, and on narrow screens,
// where the card is far below, at the end of the section that is being filled in. Its button for two agreements is sent
// at once, or with a new record, and leaves what has been typed alone. Without this script the warning comes after saving.
"use strict";

{
  const note = document.querySelector("[data-duplicates]");
  const nearby = document.createElement("div");
  nearby.className = "duplicates duplicates-nearby";
  nearby.setAttribute("aria-live", "polite");
  const TELLING =
    'select[name$="-party"], select[name$="-role"], select[name$="source"], input[name="signed"], [name="title"]';
  // URLs must not get too long; duplicates of longer titles are reported after saving
  const LONGEST_TITLE = 400;
  const ROW = ".inline-related:not(.empty-form)";
  let pause;

  const rowsOf = (group) =>
    [...document.querySelectorAll(`#${group}-group ${ROW}`)].filter(
      (row) => !row.querySelector('input[name$="-DELETE"]:checked'),
    );

  const known = () => {
    const parties = rowsOf("participations")
      .filter((row) => row.querySelector('select[name$="-role"]')?.value === "party")
      .map((row) => row.querySelector('select[name$="-party"]')?.value);
    const sources = [...document.querySelectorAll(".evidence-row")]
      .filter((row) => !row.querySelector('input[name$="-DELETE"]:checked'))
      .map((row) => row.querySelector('select[name$="-source"]')?.value);
    sources.push(document.querySelector('select[name="source"]')?.value);
    const signed = document.querySelector('input[name="signed"]')?.value ?? "";
    const title = document.querySelector('[name="title"]')?.value.trim() ?? "";
    return [
      ...parties.filter(Boolean).map((party) => ["party", party]),
      ...sources.filter(Boolean).map((source) => ["source", source]),
      ["signed", signed],
      ["title", title.length > LONGEST_TITLE ? "" : title],
      ["of", note.dataset.of],
      ["origin", note.dataset.origin],
      ...[...note.querySelectorAll('input[name="apart"]')].map((input) => ["apart", input.value]),
    ];
  };

  const show = (said, section) => {
    note.innerHTML = said;
    if (section && said.trim()) {
      section.append(nearby);
      nearby.innerHTML = said;
    } else {
      nearby.remove();
    }
  };

  const { ask, askAgain } = window.askingLikeness(note.dataset.duplicates, { known, show });

  const askSoon = (target) => {
    clearTimeout(pause);
    pause = setTimeout(() => ask(target.closest(".entry-section")), 150);
  };

  const pair = async (button) => {
    const form = button.form;
    if (form?.id === "kept-apart") {
      // only pages for uploads take a multipart form
      const sent = new URLSearchParams(new FormData(form));
      sent.append(button.name, button.value);
      // the answer leads to this page, which must not be loaded again
      await fetch(form.action, { method: "POST", body: sent, redirect: "manual" });
    } else if (button.name === "apart") {
      const input = Object.assign(document.createElement("input"), { type: "hidden", name: "apart", value: button.value });
      note.append(input);
    } else {
      note.querySelectorAll(`input[name="apart"][value="${button.value}"]`).forEach((input) => input.remove());
    }
    await askAgain(null);
    note.querySelector("button, a")?.focus();
  };

  document.addEventListener("click", (event) => {
    const button = event.target.closest?.('.duplicates button:is([name="apart"], [name="together"])');
    if (button) {
      event.preventDefault();
      pair(button);
    }
  });

  // Select2 fields trigger only jQuery events
  window.django?.jQuery(document).on("change", (event) => {
    if (event.target.matches?.(`${TELLING}, input[name$="-DELETE"]`)) {
      askSoon(event.target);
    }
  });
  document.addEventListener("formset:removed", () => askSoon(document.body));

  ask(null);
}
