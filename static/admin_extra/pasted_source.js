// Reads a pasted URL or byline while you type: fills in the values of the new source, or chooses the source that the
// register already has. A new source replaces the chosen one until the text is emptied. Without this script the form
// reads it on saving.
"use strict";

{
  const shown = document.querySelector("[data-read-source]");
  const pasted = document.querySelector('[name="pasted"]');
  const form = pasted?.form;
  const wasRead = shown?.querySelector('[name="pasted_read"]');
  const said = shown?.querySelector("[data-read-said]");
  const fieldOf = (name) => shown.querySelector(`[name="new_source-${name}"]`);
  // what this script filled in, which it may replace
  const filled = new Map();
  let pause;
  let request = new AbortController();

  const fill = (fields) => {
    for (const [name, value] of Object.entries(fields)) {
      const field = fieldOf(name);
      if (field && (field.value === "" || field.value === filled.get(name))) {
        field.value = value;
        filled.set(name, value);
      }
    }
  };

  const source = form?.querySelector('[name="source"]');
  let replaced = null;

  const set = (value, name) => {
    if (![...source.options].some((option) => option.value === value)) {
      source.append(new Option(name, value));
    }
    source.value = value;
    window.django?.jQuery(source).trigger("change");
  };

  const choose = (known) => {
    set(known.value, known.name);
    replaced = null;
    pasted.value = "";
    wasRead.value = "";
  };

  const replaceChosen = (isNew) => {
    if (isNew && source.value) {
      replaced = { value: source.value, name: source.selectedOptions[0].textContent };
      set("", "");
    } else if (!isNew && replaced && !source.value) {
      set(replaced.value, replaced.name);
      replaced = null;
    }
    return isNew && replaced ? shown.dataset.replaced : "";
  };

  const show = (answer) => {
    fill(answer.known ? Object.fromEntries(Object.keys(answer.fields).map((name) => [name, ""])) : answer.fields);
    const replacing = answer.known ? "" : replaceChosen(Object.values(answer.fields).some(Boolean));
    said.textContent = answer.known?.said ?? [replacing, answer.note].filter(Boolean).join(" ");
    if (answer.known) {
      choose(answer.known);
    }
    shown.open = Boolean(pasted.value.trim() || answer.known);
    shown.classList.toggle("is-known", Boolean(answer.known));
    document.dispatchEvent(new CustomEvent("source:read"));
  };

  const read = async () => {
    const text = pasted.value.trim();
    if (text === wasRead.value) {
      return;
    }
    request.abort();
    request = new AbortController();
    const body = new URLSearchParams({ pasted: text });
    const headers = { "X-CSRFToken": form.querySelector('[name="csrfmiddlewaretoken"]').value };
    try {
      const answer = await fetch(shown.dataset.readSource, { method: "POST", body, headers, signal: request.signal });
      // if the login has ended, the request is redirected to the login page
      if (answer.ok && !answer.redirected) {
        wasRead.value = text;
        show(await answer.json());
      }
    } catch {
      // the form reads it on saving
    }
  };

  if (shown && pasted) {
    pasted.addEventListener("input", () => {
      clearTimeout(pause);
      pause = setTimeout(read, 250);
    });
  }
}
