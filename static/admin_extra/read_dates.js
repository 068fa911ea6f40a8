// Says beside a date what was understood: “10.11.2026” is Tuesday, 10 November 2026. Without this script the form says
// so once it was saved.
"use strict";

{
  const FIELD = "input[data-partial-date]";
  const url = document.querySelector("[data-read-dates]")?.dataset.readDates;
  const answers = new Map();
  const pauses = new WeakMap();

  const outputOf = (field) => {
    const next = field.nextElementSibling;
    if (next?.matches(".date-read")) {
      return next;
    }
    const output = document.createElement("output");
    output.className = "date-read";
    output.setAttribute("for", field.id);
    field.after(output);
    return output;
  };

  const show = (field, answer) => {
    const output = outputOf(field);
    const isKnown = answer.said === "" || answer.said === field.value.trim();
    output.textContent = answer.refused || (isKnown ? "" : `= ${answer.said}`);
    output.classList.toggle("is-refused", Boolean(answer.refused));
  };

  const ask = async (field) => {
    const typed = field.value.trim();
    try {
      if (!answers.has(typed)) {
        const answer = await fetch(`${url}?${new URLSearchParams({ date: typed })}`);
        // if the login has ended, the request is redirected to the login page
        if (!answer.ok || answer.redirected) {
          return;
        }
        answers.set(typed, await answer.json());
      }
    } catch {
      // the form says so on saving
      return;
    }
    if (field.value.trim() === typed) {
      show(field, answers.get(typed));
    }
  };

  if (url) {
    answers.set("", { said: "", refused: "" });
    document.addEventListener("input", (event) => {
      if (event.target.matches(FIELD)) {
        clearTimeout(pauses.get(event.target));
        pauses.set(event.target, setTimeout(() => ask(event.target), 400));
      }
    });
  }
}
